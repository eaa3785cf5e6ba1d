import type { JournalWriter } from '../../catalog/journal-writer.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { StoredObject } from '../../store/store.ts';
import { objectFacts } from '../object-facts.ts';
import { type Project, signalOf } from '../project.ts';
import type { StoredArchive } from './archive-event.ts';
import { isFatal } from './fatal.ts';
import type { WrittenArchive } from './write-archive.ts';

/** How many archives are looked at together once they have their names. */
const seenAtOnce = 16;

/** What became of an archive that was to be published. */
export type PublishedArchive = { readonly stored: StoredArchive } | { readonly error: unknown };

/**
 * Publishes written archives and records them, with two commits for all of them: nothing is published before the journal knows durably that it
 * is written, and nothing recorded before it is seen under its name. One that the store refuses does not stop the others. Throws if the journal cannot be written.
 */
export async function publishArchives(
  project: Project,
  archives: readonly WrittenArchive[],
  journal: JournalWriter,
  options: { readonly signal?: AbortSignal },
): Promise<ReadonlyMap<StoreKey, PublishedArchive>> {
  const outcomes = new Map<StoreKey, PublishedArchive>();
  if (archives.length === 0) return outcomes;
  for (const { written, head, members } of archives) {
    await journal.addMadeManifest(written.token, head, members.lines);
    await journal.add({ kind: 'written', token: written.token, ...objectFacts(written.object) });
  }
  await journal.commit();
  const published: WrittenArchive[] = [];
  for (let left = archives; left.length > 0; ) {
    const first = published.length;
    try {
      for await (const one of publish(project, left, options)) published.push(one);
      break;
    } catch (error) {
      const failed = left[published.length - first]!;
      if (isFatal(error)) throw error;
      const others = left.slice(published.length - first + 1);
      outcomes.set(failed.plan.key, { error });
      await giveUp(project, failed, journal, error);
      // Where there is no room for one, nothing more is tried.
      left = isStowageError(error, 'full') ? [] : others;
      if (left.length === 0) for (const { plan } of others) outcomes.set(plan.key, { error });
    }
  }
  for (let from = 0; from < published.length; from += seenAtOnce) {
    const some = published.slice(from, from + seenAtOnce);
    const seen = await Promise.allSettled(some.map(({ plan }) => project.store.stat(plan.key)));
    for (const [index, archive] of some.entries())
      outcomes.set(archive.plan.key, await record(project, archive, seen[index]!, journal));
  }
  await journal.commit();
  return outcomes;
}

/** Publishes in their order; yields each that was. */
async function* publish(
  project: Project,
  archives: readonly WrittenArchive[],
  options: { readonly signal?: AbortSignal },
): AsyncGenerator<WrittenArchive> {
  const replaces = new Map(
    archives.flatMap(({ plan }) => (plan.replaces === undefined ? [] : [[plan.key, plan.replaces]])),
  );
  let index = 0;
  const written = archives.map((one) => one.written);
  for await (const _ of project.store.publish(written, { replaces, ...signalOf(options) })) {
    yield archives[index]!;
    index += 1;
  }
}

/** Only what the store refused for good is thrown away; after any other failure it may have been published. */
async function giveUp(
  project: Project,
  { written }: WrittenArchive,
  journal: JournalWriter,
  error: unknown,
): Promise<void> {
  if (!isStowageError(error, 'exists', 'changed')) return;
  await project.store.discard(written);
  await journal.add({ kind: 'discarded', token: written.token, key: written.key });
}

async function record(
  project: Project,
  archive: WrittenArchive,
  look: PromiseSettledResult<StoredObject | undefined>,
  journal: JournalWriter,
): Promise<PublishedArchive> {
  const { plan, written, head } = archive;
  try {
    if (look.status === 'rejected') throw look.reason;
    const seen = look.value;
    if (seen === undefined || seen.bytes !== head.bytes) {
      const what = seen === undefined ? 'it is not there' : `it has ${seen.bytes} bytes, not ${head.bytes}`;
      throw new StowageError('unavailable', `'${displayName(plan.key)}' was published, but ${what}`, {
        hint: 'run the same command again',
      });
    }
    const at = project.clock.now().toISOString();
    await journal.add({ kind: 'recorded', token: written.token, ...objectFacts(seen), level: 'size', at });
    return { stored: storedArchive(archive) };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { error };
  }
}

function storedArchive({ plan, head, members, carried, packed }: WrittenArchive): StoredArchive {
  return {
    archive: plan.key,
    members: members.content.members,
    contentBytes: members.content.bytes,
    bytes: head.bytes,
    ...(head.sha256 === undefined ? {} : { sha256: head.sha256 }),
    ...(packed === undefined ? {} : { packed }),
    replaced: plan.replaces !== undefined,
    carried,
  };
}
