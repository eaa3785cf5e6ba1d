import { mediumOf } from '../../disc/media.ts';
import { buildMediaLabel } from '../../disc/media-label.ts';
import { scratchFolder } from '../../durable/scratch-folder.ts';
import { StowageError } from '../../errors.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { discEvent } from './disc-event.ts';
import { discLock } from './disc-lock.ts';
import { discOf, poolDisc } from './pool-disc.ts';
import { beginSession, writeSession } from './write-days.ts';

/** The action initialize: begins a rewritable disc anew, with a label and nothing but an empty `CedarBackup/`. Throws `refused` for media that are written once. */
export async function* executeInitialize(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { mediaType } = discOf(run.configuration);
  if (!mediumOf(mediaType).rewritable) {
    throw new StowageError('refused', 'Only rewritable media types can be initialized.', {
      hint: 'a blank one is begun by the first store',
    });
  }
  const lock = await discLock(run, 'initialize');
  try {
    const disc = await poolDisc(run);
    const work = await scratchFolder(run.files, withoutSlash(run.configuration.options.workingDir), '.stowage-init-');
    try {
      await run.files.setAttributes(work.path, { mode: 0o755 });
      const mediaLabel = buildMediaLabel(run.clock.now());
      beginSession(disc, { newDisc: true, mediaLabel, grafts: [{ from: work.path, at: 'CedarBackup' }] });
      yield* writeSession(run, disc, 'initialize', { newDisc: true, digests: new Map() });
      yield discEvent('initialize', 'info', 'done', `The disc is begun, and labelled [${mediaLabel}].`);
    } finally {
      await work.remove();
    }
  } finally {
    await lock.release();
  }
}
