import { z } from 'zod';
import { discMedia, mediumOf } from '../../disc/media.ts';
import { collectSection } from './collect-schema.ts';
import * as extension from './extension-schema.ts';
import { always } from './loose.ts';
import { weekdays } from './pool-options.ts';
import { refineWhole } from './refine-whole.ts';
import * as scalar from './scalars.ts';

const { text, absolutePath, storeUrl, yesNo, wholeNumber } = scalar;

const hook = z.strictObject({ action: scalar.actionName, command: text });

const options = z.strictObject({
  starting_day: z.enum(weekdays).describe('The first day of the week.'),
  working_dir: absolutePath.describe('A directory for temporary files.'),
  backup_user: text.describe('Who owns what is collected and staged, and reaches the peers.'),
  backup_group: text,
  rcp_command: text.describe('How files come from remote peers: /usr/bin/scp -B.'),
  rsh_command: text.optional(),
  cback_command: text.optional(),
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
  rcp_command: text.optional(),
  rsh_command: text.optional(),
  cback_command: text.optional(),
  managed: yesNo.optional().describe('The master runs actions there.'),
  send_receipt: yesNo.optional().describe('It is told when what it gave is stored.'),
  managed_actions: scalar.actionNames.optional(),
});

const store = z
  .strictObject({
    source_dir: absolutePath,
    target: storeUrl
      .optional()
      .describe('A store that each day goes to as archives: dir:/vault/pool, hpss:/home/p/pool.'),
    media_type: z.enum(discMedia).optional().describe('What lies in the drive, or what an image stands for.'),
    device_type: z.enum(['cdwriter', 'dvdwriter', 'bdwriter']).optional(),
    target_device: absolutePath.optional().describe('A drive, or a regular file: an image.'),
    target_scsi_id: text
      .regex(/^(?:[A-Za-z0-9]+:)?[0-9]+,[0-9]+,[0-9]+$|^IO[A-Za-z]*Services(?:\/[0-9]+)?$/, 'is no SCSI id')
      .optional(),
    drive_speed: wholeNumber(1).optional(),
    check_data: yesNo.optional(),
    check_media: yesNo.optional(),
    warn_midnite: yesNo.optional(),
    no_eject: yesNo.optional(),
    blank_behavior: z.strictObject({ mode: z.enum(['daily', 'weekly']), factor: scalar.fraction }).optional(),
    refresh_media_delay: wholeNumber(0).optional(),
    eject_delay: wholeNumber(0).optional(),
  })
  .superRefine((section, context) => {
    // A disc is both; without one there is a store.
    const isDisc =
      section.target === undefined ||
      ['media_type', 'target_device'].some((word) => section[word as 'media_type'] !== undefined);
    for (const word of ['media_type', 'target_device'] as const) {
      if (isDisc && section[word] === undefined)
        context.addIssue({ code: 'custom', path: [word], message: 'is missing' });
    }
    const medium = discMedia.find((one) => one === section.media_type);
    if (medium === undefined || mediumOf(medium).device === (section.device_type ?? 'cdwriter')) return;
    const message = `does not go with the media type ${section.media_type}`;
    context.addIssue({ code: 'custom', path: ['device_type'], message });
  }, always);

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
    store: store.optional().describe('How days are written to discs.'),
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
