import { closeSync, openSync, readSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fsPath } from '../../model/byte-name.ts';
import { ownText } from '../../model/own-text.ts';
import type { MappedBlock } from './map-block.ts';

/** What the rules send to one archive, as far as the caches tell. */
export interface MappedArchive {
  readonly name: string;
  files: number;
  size: bigint;
  newer: boolean;
  readonly first: string;
  /** How many of its files lie in which directory. */
  readonly places: Map<string, number>;
}

/** The archives of a section with their files, in the order of their first file. What does not fit into memory lies in a file. */
export interface MappedArchives {
  add(block: MappedBlock): void;
  all(): Iterable<MappedArchive>;
  /** How many files each directory has, whatever becomes of them. */
  readonly directories: ReadonlyMap<string, number>;
  /** The lines of the missing file with the archive's files, in pieces between which `,\n` belongs. */
  text(archive: MappedArchive): Generator<Uint8Array>;
  close(): void;
}

interface Extents extends MappedArchive {
  /** Pairs: from, to. */
  readonly extents: number[];
}

const mostInMemory = 96 << 20;

/** No archives yet. `workFile` is where to put what does not fit into memory; it is asked for when it is needed. */
export function mappedArchives(workFile: () => string, most = mostInMemory): MappedArchives {
  const archives = new Map<string, Extents>();
  const directories = new Map<string, number>();
  let pending: Uint8Array[] = [];
  /** Where each of them begins. */
  let starts: number[] = [];
  let pendingFrom = 0;
  let end = 0;
  let path: string | undefined;
  let file: number | undefined;

  const putAside = () => {
    path ??= workFile();
    for (const bytes of pending) appendWork(path, bytes);
    pending = [];
    starts = [];
    pendingFrom = end;
  };
  const pieceWith = (at: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    directories,
    add({ archives: mapped, text, directories: counts }) {
      addCounts(directories, counts);
      for (const { archive, files, size, newer, first, places, start, end: stop } of mapped) {
        let known = archives.get(archive);
        if (known === undefined) {
          const name = ownText(archive);
          known = { name, files: 0, size: 0n, newer: false, first, places: new Map(), extents: [] };
          archives.set(name, known);
        }
        known.files += files;
        known.size += BigInt(size);
        known.newer ||= newer;
        addCounts(known.places, places);
        known.extents.push(end + start, end + stop);
      }
      pending.push(text);
      starts.push(end);
      end += text.length;
      if (end - pendingFrom > most) putAside();
    },
    all: () => archives.values(),
    *text(archive) {
      if (pendingFrom > 0 && pending.length > 0) putAside();
      const { extents } = archive as Extents;
      for (let at = 0; at < extents.length; at += 2) {
        const [from, to] = [extents[at]!, extents[at + 1]!];
        if (pendingFrom === 0) {
          const piece = pieceWith(from);
          yield pending[piece]!.subarray(from - starts[piece]!, to - starts[piece]!);
        } else {
          file ??= openSync(fsPath(path!), 'r');
          const bytes = Buffer.allocUnsafe(to - from);
          for (let read = 0; read < bytes.length; )
            read += readSync(file, bytes, read, bytes.length - read, from + read);
          yield bytes;
        }
      }
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function addCounts(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
}
