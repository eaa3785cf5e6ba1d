import { readlinkSync } from 'node:fs';
import { StowageError } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Entry } from '../model/entry.ts';
import { unsafePath } from '../model/relative-path.ts';
import type { EntryCounts } from '../shards/listing-file.ts';
import { rowLine } from '../shards/listing-row.ts';
import type { ShardWriter } from '../shards/shard-writer.ts';
import type { ListingShard, ListingSource } from '../shards/stored-listing.ts';
import { hangsInDisk } from './disk-link.ts';
import { noEntries } from './entry-lines.ts';
import { readFindList } from './find-list.ts';
import { readGpfsList } from './gpfs-list.ts';
import type { ListedEntry } from './listed-entry.ts';
import { unseenOf } from './walk.ts';

/** What was taken over from a list. */
export interface ImportedList {
  readonly source: ListingSource;
  readonly shards: readonly ListingShard[];
  readonly counts: EntryCounts;
  readonly unseen: number;
  /** How many entries lie below none of the roots: they are no part of the section. */
  readonly outside: number;
  /** Some entries, each as likely as any other. */
  readonly sample: readonly Entry[];
}

export interface ImportOptions {
  readonly roots: readonly string[];
  readonly writer: ShardWriter;
  readonly sampleSize: number;
  /** A number from 0 up to but without 1. */
  readonly chance: () => number;
  readonly signal?: AbortSignal;
  readonly progress?: (entries: number) => void;
}

const shardRows = 200_000;

/**
 * Makes shards from a list that find or a GPFS policy made, which is told by its first bytes. Every entry is checked: paths that climb out, sizes,
 * types, times. Throws `corrupt` for a list that is none or is cut off, and `usage` for one of find where the section has several roots.
 */
export async function importList(chunks: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportedList> {
  const { roots, writer, signal, progress } = options;
  const { isFind, all } = await kindOf(chunks);
  if (isFind && roots.length > 1) {
    throw new StowageError('usage', 'the section lies on several disks, and a list of find is about one', {
      hint: 'let Stowage scan it: leave out --from',
    });
  }
  const counts = noEntries();
  const sample = sampler(options);
  let entries = 0;
  let unseen = 0;
  let outside = 0;
  let rows = 0;
  for await (const batch of isFind ? readFindList(all) : readGpfsList(all)) {
    signal?.throwIfAborted();
    const lines: string[] = [];
    for (const listed of batch) {
      entries += 1;
      const place = isFind ? { disk: 0, path: listed.path } : below(roots, listed.path);
      if (place === undefined) {
        outside += 1;
        continue;
      }
      if (place.path === '') continue;
      const row = rowOf(listed, roots, place);
      if (row === undefined) continue;
      lines.push(rowLine(row, place.disk));
      if ('type' in row) {
        counts[row.type] += 1;
        counts.bytes += row.bytes;
        sample.see(row);
      } else unseen += 1;
    }
    await writer.add(Buffer.from(lines.join(''), 'utf8'), lines.length);
    rows += lines.length;
    if (rows >= shardRows) {
      rows = 0;
      await writer.finish();
    }
    progress?.(entries);
  }
  const shards = await writer.finish();
  return { source: isFind ? 'find' : 'gpfs', shards, counts, unseen, outside, sample: sample.seen };
}

function rowOf(listed: ListedEntry, roots: readonly string[], { disk, path }: { disk: number; path: string }) {
  const root = roots[disk]!;
  const why = unsafePath(path);
  if (why !== undefined) {
    throw new StowageError('corrupt', `the list has the path '${displayName(listed.path)}': ${why}`, {
      hint: 'make the list anew; a path in it must lie below the root of the section',
    });
  }
  if (!Number.isSafeInteger(listed.bytes))
    return unseenOf(root, path, new Error('its size is beyond 2^53 bytes'), false);
  const entry: Entry = { ...listed, path, disk: root };
  if (entry.type !== 'link') return entry;
  try {
    const target = entry.target ?? nameFromBytes(readlinkSync(fsPath(`${root}/${path}`), 'buffer'));
    const others = roots.filter((one) => one !== root);
    return hangsInDisk(root, path, target, others) ? undefined : { ...entry, target };
  } catch (error) {
    return unseenOf(root, path, error, false);
  }
}

/** The root that an absolute path lies below, the deepest one, and the rest of the path. */
function below(roots: readonly string[], path: string): { readonly disk: number; readonly path: string } | undefined {
  let found: { disk: number; path: string } | undefined;
  for (const [disk, root] of roots.entries()) {
    if (path !== root && !path.startsWith(`${root}/`)) continue;
    const rest = path.slice(root.length + 1);
    if (found === undefined || rest.length < found.path.length) found = { disk, path: rest };
  }
  return found;
}

/** A sample of fixed size from what comes, whose length nobody knows. */
function sampler({ sampleSize, chance }: ImportOptions) {
  const seen: Entry[] = [];
  let count = 0;
  return {
    seen,
    see(entry: Entry) {
      count += 1;
      if (seen.length < sampleSize) seen.push(entry);
      else {
        const at = Math.floor(chance() * count);
        if (at < sampleSize) seen[at] = entry;
      }
    },
  };
}

/** A list of find has a NUL behind each field; a policy's has none at all. */
async function kindOf(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) {
    throw new StowageError('corrupt', 'the list is empty', { hint: 'see that what made it ended with 0' });
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first.value as Uint8Array;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { isFind: first.value.includes(0), all: all() };
}
