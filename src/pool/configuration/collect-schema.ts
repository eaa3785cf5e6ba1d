import { z } from 'zod';
import { always, objectsOf } from './loose.ts';
import * as scalar from './scalars.ts';

const { text, absolutePath } = scalar;

export const collectMode = z.enum(['daily', 'weekly', 'incr']);
const archiveMode = z.enum(['tar', 'targz', 'tarbz2']);

const item = {
  abs_path: absolutePath,
  mode: collectMode.optional().describe('The old name of collect_mode.'),
  collect_mode: collectMode.optional(),
  archive_mode: archiveMode.optional(),
};

const dir = z.strictObject({
  ...item,
  ignore_file: text.optional(),
  link_depth: scalar.wholeNumber(0).optional(),
  dereference: scalar.yesNo.optional(),
  recursion_level: scalar.wholeNumber(0).optional(),
  exclude: z
    .strictObject({
      abs_path: z.array(absolutePath).optional(),
      rel_path: z.array(text).optional(),
      pattern: z.array(scalar.pattern).optional(),
    })
    .optional(),
});

/** The section collect. What an item does not say must be said for all. */
export const collectSection = z
  .strictObject({
    collect_dir: absolutePath.describe('Where the archives go.'),
    require_receipt: scalar.yesNo
      .optional()
      .describe('What was collected counts as safe only when the master has sent a receipt that it is stored.'),
    collect_mode: collectMode.optional(),
    archive_mode: archiveMode.optional(),
    ignore_file: text.optional().describe('A directory that holds a file of this name is left out.'),
    exclude: z
      .strictObject({ abs_path: z.array(absolutePath).optional(), pattern: z.array(scalar.pattern).optional() })
      .optional(),
    file: z.array(z.strictObject(item)).optional(),
    dir: z.array(dir).optional(),
  })
  .superRefine((section, context) => {
    const need = (path: readonly (string | number)[], word: string) =>
      context.addIssue({
        code: 'custom',
        path: [...path, word],
        message: 'is missing, and the section has none for all',
      });
    for (const list of ['file', 'dir'] as const) {
      for (const [index, one] of objectsOf(section[list]).entries()) {
        const at = [list, index];
        if ((one.collect_mode ?? one.mode ?? section.collect_mode) === undefined) need(at, 'collect_mode');
        if ((one.archive_mode ?? section.archive_mode) === undefined) need(at, 'archive_mode');
      }
    }
    for (const [index, one] of objectsOf(section.dir).entries()) {
      if ((one.ignore_file ?? section.ignore_file) === undefined) need(['dir', index], 'ignore_file');
      if (one.dereference === true && !one.link_depth) {
        const message = 'only goes with a link_depth of at least 1';
        context.addIssue({ code: 'custom', path: ['dir', index, 'dereference'], message });
      }
    }
  }, always);
