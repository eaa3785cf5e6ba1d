import { nonsense } from './frame.ts';
import { statFlag } from './protocol.ts';

/** What a server says of a file or a directory. */
export interface EntryStat {
  /** The same for as long as it is the same file; what it is made of is the server's. */
  readonly id: string;
  readonly bytes: number;
  readonly kind: 'file' | 'directory' | 'other';
  /** Seconds since 1970, UTC. */
  readonly modifiedSeconds: number;
  /** True if it must be brought from tape before it can be read. */
  readonly isAsleep: boolean;
  /** True for a file whose writer has yet to close it, where that makes it stay. */
  readonly isPending: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

/** Reads `id size flags mtime …` (kXR_stat); what newer servers add is left. */
export function parseStat(said: string): EntryStat {
  const [id = '', size = '', flags = '', modified = ''] = said.trim().split(' ');
  const bytes = Number(size);
  if (![size, flags].every((one) => /^\d+$/.test(one)) || !/^-?\d+$/.test(modified) || !Number.isSafeInteger(bytes)) {
    throw nonsense('something that is no stat');
  }
  const has = (flag: number) => (Number(flags) & flag) !== 0;
  return {
    id,
    bytes,
    kind: has(statFlag.directory) ? 'directory' : has(statFlag.other) ? 'other' : 'file',
    modifiedSeconds: Number(modified),
    isAsleep: has(statFlag.offline),
    isPending: has(statFlag.pending),
    isReadable: has(statFlag.readable),
    isWritable: has(statFlag.writable),
  };
}

/** One name in a directory. */
export interface DirectoryEntry extends EntryStat {
  readonly name: string;
}

/** What a listing with stat begins with: the line of a name that is none, and its stat. A server that cannot give stats leaves it out. */
const statMark = '.\n0 0 0 0';

/**
 * Reads a whole listing (kXR_dirlist with kXR_dstat): a line with a name, a line with its stat, and again. Throws where the lines do not pair up, as they
 * cannot where a name has a line break in it.
 */
export function parseListing(said: string): readonly DirectoryEntry[] {
  const rest = said.replace(/\n$/, '');
  if (rest === '') return [];
  if (rest !== statMark && !rest.startsWith(`${statMark}\n`)) {
    throw nonsense('a listing without what stat says of each name');
  }
  const lines = rest.split('\n').slice(2);
  if (lines.length % 2 !== 0) throw nonsense('a listing with a name and no stat');
  const entries: DirectoryEntry[] = [];
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!;
    // No name from a server may lead out of the directory that it was asked for.
    if (name === '' || name.includes('/') || name === '.' || name === '..')
      throw nonsense('a listing with no name in it');
    entries.push({ name, ...parseStat(lines[index + 1]!) });
  }
  return entries;
}
