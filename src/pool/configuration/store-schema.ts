import { z } from 'zod';
import { discMedia, mediumOf } from '../../disc/media.ts';
import { always } from './loose.ts';
import * as scalar from './scalars.ts';

const { text, absolutePath, storeUrl, yesNo, wholeNumber } = scalar;

/** What `hpss` says in the configuration of a project; how large a number may be is looked at when the store is opened. */
const hpss = z.strictObject({
  site: text.optional(),
  authentication: text.optional(),
  gateway: text.optional(),
  zone: text.optional(),
  firewall: yesNo.optional(),
  sessions: wholeNumber(2).optional(),
  timeout_seconds: wholeNumber(1).optional(),
  transfer_timeout_seconds: wholeNumber(1).optional(),
  retries: wholeNumber(0).optional(),
  retry_wait_seconds: wholeNumber(0).optional(),
  down_wait_seconds: wholeNumber(0).optional(),
  htar: yesNo.optional(),
  htar_members: wholeNumber(1).optional(),
});

/** The same of `grid`. */
const grid = z.strictObject({
  replicas: text.optional(),
  spool: absolutePath.optional(),
  writes: wholeNumber(1).optional(),
});

/** The same of `disc`, for a target on one. */
const disc = z.strictObject({
  media: z.enum(discMedia).optional(),
  spool: absolutePath.optional(),
});

/** Where days are stored. A disc is what the original knows; `target` and what is beside it is ours. */
export const storeSection = z
  .strictObject({
    source_dir: absolutePath,
    target: storeUrl
      .optional()
      .describe(
        'A store that each day goes to as archives: dir:/vault/pool, hpss:/home/p/pool, grid:/alice/cern.ch/user/p/pool, disc:/vault/pool.iso.',
      ),
    hpss: hpss.optional().describe('How HPSS is reached, for a target on it.'),
    grid: grid.optional().describe('Where replicas go, for a target on the Grid.'),
    disc: disc.optional().describe('What the disc is, for a target on one: its capacity, and where archives wait.'),
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
