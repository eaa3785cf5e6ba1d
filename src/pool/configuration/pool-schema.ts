import { z } from 'zod';
import { collectSection } from './collect-schema.ts';
import * as extension from './extension-schema.ts';
import { always } from './loose.ts';
import { weekdays } from './pool-options.ts';
import { refineWhole } from './refine-whole.ts';
import * as scalar from './scalars.ts';
import { storeSection } from './store-schema.ts';

const { text, absolutePath, yesNo, wholeNumber } = scalar;

const hook = z.strictObject({ action: scalar.actionName, command: scalar.command });

const options = z.strictObject({
  starting_day: z.enum(weekdays).describe('The first day of the week.'),
  working_dir: absolutePath.describe('A directory for temporary files.'),
  backup_user: text.describe('Who owns what is collected and staged, and reaches the peers.'),
  backup_group: text,
  rcp_command: scalar.command.describe('How files come from remote peers: /usr/bin/scp -B.'),
  rsh_command: scalar.command.optional(),
  cback_command: scalar.command.optional(),
  managed_actions: scalar.actionNames.optional().describe('What the master runs on managed peers.'),
  override: z
    .array(z.strictObject({ command: text, abs_path: absolutePath }))
    .optional()
    .describe('Programs to run instead of others.'),
  pre_action_hook: z.array(hook).optional().describe('Commands before an action.'),
  post_action_hook: z.array(hook).optional().describe('Commands after an action.'),
});

const peer = z.strictObject({
  name: scalar.peerName.describe('The name of its directory under the day; of a remote peer, of its host too.'),
  type: z.enum(['local', 'remote']),
  collect_dir: absolutePath.describe('Where its collected files lie.'),
  ignore_failures: z.enum(['none', 'all', 'daily', 'weekly']).optional(),
  backup_user: text.optional(),
  rcp_command: scalar.command.optional(),
  rsh_command: scalar.command.optional(),
  cback_command: scalar.command.optional(),
  managed: yesNo.optional().describe('The master runs actions there.'),
  send_receipt: yesNo.optional().describe('It is told when what it gave is stored.'),
  managed_actions: scalar.actionNames.optional(),
});

const extensions = z.strictObject({
  order_mode: z.enum(['index', 'dependency']).optional(),
  action: z
    .array(
      z.strictObject({
        name: scalar.actionName,
        module: text.regex(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, 'is no name of a module'),
        function: text.regex(/^[A-Za-z_]\w*$/, 'is no name of a function'),
        index: wholeNumber(0).optional(),
        depends: z
          .strictObject({ run_before: scalar.actionNames.optional(), run_after: scalar.actionNames.optional() })
          .optional(),
      }),
    )
    .optional(),
});

/**
 * The language of `cback3.conf`, with the names of its elements: what is written once there is one value here, what may be repeated a list.
 * The one schema for XML, JSON and the published JSON Schema.
 */
export const poolSchema = z
  .strictObject({
    $schema: z.string().optional().describe('The URL or path of this schema, for editors.'),
    reference: z
      .strictObject({
        author: text.optional(),
        revision: text.optional(),
        description: text.optional(),
        generator: text.optional(),
      })
      .optional()
      .describe('Free text about the file.'),
    extensions: extensions.optional().describe('Further actions, by the module that does them.'),
    options: options.describe('What all actions need.'),
    peers: z
      .strictObject({ peer: z.array(peer).optional() })
      .optional()
      .describe('The peers of the pool.'),
    collect: collectSection.optional().describe('What is collected, and into which directory.'),
    stage: z
      .strictObject({ staging_dir: absolutePath, peer: z.array(peer).optional() })
      .optional()
      .describe('Where the files of the peers are staged.'),
    store: storeSection.optional().describe('Where days are stored: on discs, in a store, or both.'),
    purge: z
      .strictObject({
        dir: z.array(z.strictObject({ abs_path: absolutePath, retain_days: wholeNumber(0) })).optional(),
      })
      .optional()
      .describe('What is removed when it is old.'),
    ...extension.sections,
  })
  .superRefine(refineWhole, always);

/** A configuration whose every value is sound; what the sections say of each other is not yet looked at. */
export type PoolData = z.output<typeof poolSchema>;
