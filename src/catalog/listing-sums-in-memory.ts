import { type ComparedArchive, isChanged } from '../model/compare-members.ts';
import type { Entry } from '../model/entry.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { isWithin, parentOf } from '../model/relative-path.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { ListingRow } from '../shards/listing-row.ts';
import { listingRows } from '../shards/listing-rows.ts';
import type { StoredListing } from '../shards/stored-listing.ts';
import type { DiskSum } from './member-query.ts';

/** What archives hold under one path. */
type Held = readonly (readonly [Member, ComparedArchive])[];

/** As listing-sums.ts, for records that are small: all members, and all names of files that have several, are held. */
export async function listingSumsInMemory(
  listing: StoredListing,
  manifests: AsyncIterable<Manifest>,
  below: string,
): Promise<readonly DiskSum[]> {
  const held = new Map<string, Held>();
  for await (const manifest of manifests) {
    for (const member of manifest.members) {
      if (member.type === 'directory' || !isWithin(member.path, below)) continue;
      held.set(member.path, [...(held.get(member.path) ?? []), [member, manifest]]);
    }
  }
  const first = firstNames(listing, below);
  const sums = new Map<string, Sum>();
  for (const row of listingRows(listing)) {
    const folder = folderOf(row, below);
    if (folder === undefined) continue;
    const sum = sums.get(folder) ?? nothing();
    sums.set(folder, sum);
    if ('type' in row) add(sum, row, first.get(row.sharedFile ?? '') ?? row.path, held.get(row.path));
    else sum.unseen += 1;
  }
  return [...sums].map(([folder, sum]) => ({ folder, ...sum }));
}

type Sum = { -readonly [field in keyof Omit<DiskSum, 'folder'>]: number };

function nothing(): Sum {
  return { files: 0, bytes: 0, sameFiles: 0, sameBytes: 0, changedFiles: 0, changedBytes: 0, unseen: 0 };
}

function add(sum: Sum, entry: Entry, firstName: string, held: Held | undefined): void {
  const bytes = firstName === entry.path ? entry.bytes : 0;
  sum.files += 1;
  sum.bytes += bytes;
  if (held === undefined) return;
  if (held.some(([member, archive]) => !isChanged(entry, member, archive))) {
    sum.sameFiles += 1;
    sum.sameBytes += bytes;
  } else {
    sum.changedFiles += 1;
    sum.changedBytes += bytes;
  }
}

/** The folder that a row counts for; undefined if it is none of those asked for. What could not be seen of a directory lies in it. */
function folderOf(row: ListingRow, below: string): string | undefined {
  if (!('type' in row) && row.kind === 'empty') return undefined;
  if ('type' in row && row.type === 'directory') return undefined;
  const { path } = row;
  const isBlind = !('type' in row) && row.directory;
  if (isBlind && isWithin(below, path)) return below;
  if (below !== '' && !path.startsWith(`${below}/`)) return undefined;
  return isBlind ? path : parentOf(path);
}

/** Of each file with several names the first one, in the order of their bytes as they are escaped. */
function firstNames(listing: StoredListing, below: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const row of listingRows(listing)) {
    if (!('type' in row) || row.sharedFile === undefined || folderOf(row, below) === undefined) continue;
    const first = names.get(row.sharedFile);
    if (first === undefined || isBefore(row.path, first)) names.set(row.sharedFile, row.path);
  }
  return names;
}

function isBefore(path: string, other: string): boolean {
  return Buffer.compare(Buffer.from(escapeName(path)), Buffer.from(escapeName(other))) < 0;
}
