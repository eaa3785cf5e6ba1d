import { closeSync, openSync, readSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { MappedBlock } from './map-block.ts';

/** What the rules send to one archive, as far as the caches tell. */
export interface MappedArchive {
  readonly name: string;
  files: number;
  size: bigint;
  newer: boolean;
}

/** The archives of a section with their files, in the order of their first file. What does not fit into memory lies in a file. */
export interface MappedArchives {
  add(block: MappedBlock): void;
  all(): Iterable<MappedArchive>;
  /** The lines of the missing file with the archive's files, in pieces between which `,\n` belongs. */
  text(archive: MappedArchive): Generator<Uint8Array>;
  close(): void;
}

interface Extents extends MappedArchive {
  /** Pairs: from, to. */
  readonly extents: number[];
}

const mostInMemory = 24 << 20;

/** No archives yet. `workFile` is where to put what does not fit into memory; it is asked for when it is needed. */
export function mappedArchives(workFile: () => string): MappedArchives {
  const archives = new Map<string, Extents>();
  let pending: Uint8Array[] = [];
  let pendingFrom = 0;
  let end = 0;
  let path: string | undefined;
  let file: number | undefined;

  const putAside = () => {
    path ??= workFile();
    for (const bytes of pending) appendWork(path, bytes);
    pending = [];
    pendingFrom = end;
  };
  return {
    add({ archives: mapped, text }) {
      for (const { archive, files, size, newer, start, end: stop } of mapped) {
        let known = archives.get(archive);
        if (known === undefined) {
          // A name that is part of a block's text would keep all of that in memory.
          const name = Buffer.from(archive, 'utf16le').toString('utf16le');
          known = { name, files: 0, size: 0n, newer: false, extents: [] };
          archives.set(name, known);
        }
        known.files += files;
        known.size += BigInt(size);
        known.newer ||= newer;
        known.extents.push(end + start, end + stop);
      }
      pending.push(text);
      end += text.length;
      if (end - pendingFrom > mostInMemory) putAside();
    },
    all: () => archives.values(),
    *text(archive) {
      if (pendingFrom > 0 && pending.length > 0) putAside();
      const memory = pendingFrom > 0 ? undefined : Buffer.concat(pending);
      if (memory !== undefined) pending = [memory];
      const { extents } = archive as Extents;
      for (let at = 0; at < extents.length; at += 2) {
        const [from, to] = [extents[at]!, extents[at + 1]!];
        if (memory !== undefined) yield memory.subarray(from, to);
        else {
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
