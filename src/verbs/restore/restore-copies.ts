import type { ArchiveRecord } from '../../catalog/archive-record.ts';
import { isStowageError } from '../../errors.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { signalOf, type VerbOptions } from '../project.ts';
import { restoreArchive } from './restore-archive.ts';
import type { RestoreWork } from './restore-work.ts';

type RestoredEvent = Event & { readonly kind: 'restored' };

/**
 * Brings these members of one archive back. Where something did not come as it was recorded, and the store has several copies of the archive, each copy is asked by itself, and it is told that one is bad. A member is told of
 * once, when it came or no copy is left.
 */
export async function* restoreCopies(
  work: RestoreWork,
  key: StoreKey,
  record: ArchiveRecord,
  manifest: Manifest,
  members: readonly Member[],
  options: VerbOptions,
): AsyncGenerator<Event> {
  const { store } = work.project;
  const failed = new Map<string, RestoredEvent>();
  for await (const event of restoreArchive(work, key, record, manifest, members, options)) {
    if (store.copies !== undefined && isFailure(event)) failed.set(event.restored.path, event);
    else yield event;
  }
  const [first] = failed.values();
  if (first === undefined) return;
  let isMended = false;
  for (const copy of await copiesOf(work, key, options)) {
    const left = members.filter(({ path }) => failed.has(path));
    if (left.length === 0 || options.stop?.aborted) break;
    const get: typeof store.get = (of, call) => store.get(of, { ...call, copy });
    const only = { ...work, project: { ...work.project, store: { ...store, get } } };
    try {
      for await (const event of restoreArchive(only, key, record, manifest, left, options)) {
        if (event.kind !== 'restored' || event.restored.outcome === 'failed') continue;
        failed.delete(event.restored.path);
        isMended = true;
        yield event;
      }
    } catch (error) {
      // Another may be in reach.
      if (!isStowageError(error, 'unavailable')) throw error;
    }
  }
  yield* failed.values();
  if (!isMended) return;
  const reason = first.restored.problem ?? 'it could not be read';
  yield {
    kind: 'finding',
    section: work.section,
    severity: 'notice',
    finding: { kind: 'bad-copy', archive: key, reason },
  };
}

function isFailure(event: Event): event is RestoredEvent {
  return event.kind === 'restored' && event.restored.outcome === 'failed';
}

/** None where there is nothing to choose from. */
async function copiesOf(work: RestoreWork, key: StoreKey, options: VerbOptions): Promise<readonly string[]> {
  try {
    const copies = (await work.project.store.copies?.(key, signalOf(options))) ?? [];
    return copies.length > 1 ? copies : [];
  } catch (error) {
    // What went wrong is told already.
    if (isStowageError(error, 'missing', 'unavailable')) return [];
    throw error;
  }
}
