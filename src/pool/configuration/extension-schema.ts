import { z } from 'zod';
import { collectMode } from './collect-schema.ts';
import { always, type Loose, objectsOf } from './loose.ts';
import * as scalar from './scalars.ts';

const { text, absolutePath, byteQuantity } = scalar;

const compressMode = z.enum(['none', 'gzip', 'bzip2']);
const exclude = z
  .strictObject({ rel_path: z.array(text).optional(), pattern: z.array(scalar.pattern).optional() })
  .optional();

const database = z
  .strictObject({
    user: text.optional(),
    password: text.optional().describe('Better in the file of the client (~/.my.cnf, ~/.pgpass).'),
    compress_mode: compressMode,
    all: scalar.yesNo.optional(),
    database: z.array(text).optional(),
  })
  .superRefine((section, context) => {
    const named = (section.database ?? []).length > 0;
    if ((section.all ?? false) !== named) return;
    const message = named ? "is not wanted where 'all' is Y" : "is missing, and 'all' is not Y";
    context.addIssue({ code: 'custom', path: ['database'], message });
  }, always);

const item = { abs_path: absolutePath, collect_mode: collectMode.optional(), compress_mode: compressMode.optional() };
const modes = { collect_mode: collectMode.optional(), compress_mode: compressMode.optional() };

/** What an item does not say must be said for all. */
function needModes(section: Loose, lists: readonly string[], context: z.RefinementCtx) {
  for (const name of lists) {
    for (const [index, one] of objectsOf(section[name]).entries()) {
      for (const word of ['collect_mode', 'compress_mode'] as const) {
        if ((one[word] ?? section[word]) !== undefined) continue;
        const message = 'is missing, and the section has none for all';
        context.addIssue({ code: 'custom', path: [name, index, word], message });
      }
    }
  }
}

const subversion = z
  .strictObject({
    ...modes,
    repository: z.array(z.strictObject({ ...item, type: text.optional() })).optional(),
    repository_dir: z.array(z.strictObject({ ...item, type: text.optional(), exclude })).optional(),
  })
  .superRefine((section, context) => {
    needModes(section, ['repository', 'repository_dir'], context);
  }, always);

const mbox = z
  .strictObject({
    ...modes,
    file: z.array(z.strictObject(item)).optional(),
    dir: z.array(z.strictObject({ ...item, exclude })).optional(),
  })
  .superRefine((section, context) => needModes(section, ['file', 'dir'], context), always);

const capacity = z
  .strictObject({ max_percentage: scalar.fraction.optional(), min_bytes: byteQuantity.optional() })
  .superRefine((section, context) => {
    if ((section.max_percentage === undefined) !== (section.min_bytes === undefined)) return;
    context.addIssue({ code: 'custom', message: "needs one of 'max_percentage' and 'min_bytes', not both" });
  }, always);

/** The sections of the extensions that come with Cedar Backup. */
export const sections = {
  encrypt: z.strictObject({ encrypt_mode: z.literal('gpg'), encrypt_target: text }).optional(),
  split: z.strictObject({ size_limit: byteQuantity, split_size: byteQuantity }).optional(),
  capacity: capacity.optional(),
  mysql: database.optional(),
  postgresql: database.optional(),
  subversion: subversion.optional(),
  mbox: mbox.optional(),
  amazons3: z
    .strictObject({
      warn_midnite: scalar.yesNo.optional(),
      s3_bucket: text,
      encrypt: scalar.command.optional(),
      full_size_limit: byteQuantity.optional(),
      incr_size_limit: byteQuantity.optional(),
    })
    .optional(),
};
