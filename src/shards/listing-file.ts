import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FileOperations } from '../durable/file-operations.ts';
import { writeQuick } from '../durable/whole-file.ts';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, type NameInJson, nameFromJson, nameToJson } from '../model/byte-name.ts';
import type { EntryType } from '../model/entry.ts';
import type { ListingShard, ListingSource, StoredListing } from './stored-listing.ts';

/** A listing with what it adds up to. */
export interface CompleteListing extends StoredListing {
  readonly section: string;
  /** It goes on with a scan that was killed: `begunAt` is when that one began. */
  readonly resumed: boolean;
  readonly counts: EntryCounts;
  /** Places that could not be looked at. */
  readonly unseen: number;
}

/** How many entries of each type there are; `bytes` is the content of all files. */
export type EntryCounts = { readonly [type in EntryType]: number } & { readonly bytes: number };

const name = 'listing.json';

/** Declares the listing in its folder complete: what has no such file is no listing. Rejects with `full` or `unavailable`. */
export function writeListing(files: FileOperations, listing: CompleteListing): Promise<void> {
  const { folder, section, source, roots, begunAt, endedAt, resumed, counts, unseen, shards } = listing;
  const text = JSON.stringify({
    format: 1,
    section: nameToJson(section),
    source,
    roots: roots.map(nameToJson),
    begun: begunAt,
    ended: endedAt,
    ...(resumed ? { resumed } : {}),
    counts,
    unseen,
    shards,
  });
  return writeQuick(files, `${folder}/${name}`, `${text.slice(0, -1)},"crc32":${crc32(text)}}\n`);
}

/** The complete listing in a folder; undefined if there is none. Throws `corrupt` if its file is not what was written. */
export async function readListing(folder: string): Promise<CompleteListing | undefined> {
  const path = `${folder}/${name}`;
  let text: string;
  try {
    text = await readFile(fsPath(path), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw fileError(`cannot read the listing '${displayName(path)}'`, error);
  }
  const seal = /,"crc32":(\d+)\}\n$/.exec(text);
  const body = seal === null ? '' : `${text.slice(0, seal.index)}}`;
  if (seal === null || crc32(body) !== Number(seal[1])) {
    throw new StowageError('corrupt', `the listing '${displayName(path)}' is not what was written`, {
      hint: 'scan again: stowage scan CONFIG SECTION --rescan',
    });
  }
  const said = JSON.parse(body) as {
    readonly format: number;
    readonly section: NameInJson;
    readonly source: ListingSource;
    readonly roots: readonly NameInJson[];
    readonly begun: string;
    readonly ended: string;
    readonly resumed?: true;
    readonly counts: EntryCounts;
    readonly unseen: number;
    readonly shards: readonly ListingShard[];
  };
  if (said.format !== 1) {
    throw new StowageError('unavailable', `the listing '${displayName(path)}' has the format ${said.format}`, {
      hint: 'a newer Stowage made it: use that one, or scan again',
    });
  }
  return {
    folder,
    section: nameFromJson(said.section),
    source: said.source,
    roots: said.roots.map(nameFromJson),
    begunAt: said.begun,
    endedAt: said.ended,
    resumed: said.resumed === true,
    counts: said.counts,
    unseen: said.unseen,
    shards: said.shards,
  };
}
