import { lstat, readlink } from 'node:fs/promises';
import { StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { isSameTime } from '../../model/compare-members.ts';
import { type Entry, unknownOwner } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import { entryOf } from '../../scan/entry-of.ts';
import { importList } from '../../scan/import-list.ts';
import { listingChecks } from '../../shards/listing-checks.ts';
import { type CompleteListing, writeListing } from '../../shards/listing-file.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { shardWriter } from '../../shards/shard-writer.ts';
import { type Project, signalOf, type VerbOptions } from '../project.ts';
import { leaveUnfinished, newScanFolder, removeOthers } from './scan-folder.ts';

/** A listing made from another program's list, and what a look at some of its entries showed. */
export interface ListingFrom {
  readonly listing: CompleteListing;
  /** Entries of the list that lie below none of the section's roots. */
  readonly outside: number;
  readonly looked: number;
  readonly differences: readonly Difference[];
}

/** An entry that is not on disk as the list has it. */
export interface Difference {
  readonly path: string;
  readonly what: 'gone' | 'type' | 'size' | 'time' | 'mode' | 'owner' | 'target';
}

const sampleSize = 1000;

/**
 * Keeps another program's list as the section's listing. Nothing is believed that can be checked: each entry, that no path stands in it
 * twice, and, on disk, some entries. Throws `mismatch` if most of these are not as the list says: it is of another tree, or of another time.
 */
export async function listingFrom(
  project: Project,
  section: string,
  roots: readonly string[],
  chunks: AsyncIterable<Uint8Array>,
  options: VerbOptions,
): Promise<ListingFrom> {
  const { files, clock, random } = project;
  const { folder } = await newScanFolder(project, section);
  const writer = shardWriter({ files, folder });
  try {
    const begunAt = clock.now().toISOString();
    const { source, counts, unseen, outside, sample } = await importList(chunks, {
      roots,
      writer,
      sampleSize,
      chance: () => Buffer.from(random(4)).readUInt32BE() / 2 ** 32,
      ...signalOf(options),
      progress: (items) => options.progress?.({ stage: 'scan', items, bytes: 0 }),
    });
    const stored = { folder, source, roots, begunAt, endedAt: begunAt, shards: await writer.finish() };
    const checks = await listingChecks(stored, folder, options.signal);
    try {
      const [twice] = checks.duplicates;
      if (twice !== undefined) {
        throw new StowageError('corrupt', `the list has the path '${displayName(twice)}' more than once`, {
          hint: 'make the list anew, in one go',
        });
      }
      for await (const { path, disk } of checks.empty) {
        await writer.add(Buffer.from(rowLine({ path, disk: roots[disk]!, kind: 'empty' }, disk)), 1);
      }
    } finally {
      checks.close();
    }
    const differences = await differencesOf(sample);
    if (differences.length * 2 > sample.length) throw unlike(sample, differences);
    const shards = await writer.finish();
    const endedAt = clock.now().toISOString();
    const listing = { ...stored, section, endedAt, shards, counts, unseen, resumed: false };
    await writeListing(files, listing);
    // Best effort: the listing is there, and the next one removes what stays now.
    await removeOthers(project, section, folder).catch(() => undefined);
    return { listing, outside, looked: sample.length, differences };
  } catch (error) {
    await writer.abandon();
    await leaveUnfinished(files, folder);
    throw error;
  }
}

async function differencesOf(sample: readonly Entry[]): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for (const listed of sample) {
    const what = await differenceOf(listed);
    if (what !== undefined) found.push({ path: listed.path, what });
  }
  return found;
}

async function differenceOf(listed: Entry): Promise<Difference['what'] | undefined> {
  const path = fsPath(joinPath(listed.disk, listed.path));
  try {
    const now = entryOf(listed.disk, listed.path, await lstat(path, { bigint: true }));
    if (now?.type !== listed.type) return 'type';
    if (now.bytes !== listed.bytes) return 'size';
    if (!isSameTime(now.mtimeNs, listed.mtimeNs)) return 'time';
    if (now.mode !== listed.mode) return 'mode';
    if (isOther(listed.uid, now.uid) || isOther(listed.gid, now.gid)) return 'owner';
    if (now.type === 'link' && nameFromBytes(await readlink(path, 'buffer')) !== listed.target) return 'target';
    return undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return 'gone';
  }
}

function isOther(listed: number, now: number): boolean {
  return listed !== unknownOwner && listed !== now;
}

function unlike(sample: readonly Entry[], differences: readonly Difference[]): StowageError {
  const [first] = differences;
  const what = `${differences.length} of ${sample.length} entries that were looked at are not on disk as the list says`;
  return new StowageError('mismatch', `${what}, for example '${displayName(first!.path)}' (${first!.what})`, {
    hint: 'see that the list was made of the root of this section, not long ago',
    facts: { differences: differences.slice(0, 10) },
  });
}
