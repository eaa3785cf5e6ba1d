import { appendWork } from '../../durable/append-work.ts';
import type { Member } from '../../model/manifest.ts';
import { escapeName, unescapeName } from '../../shards/escaped-name.ts';
import { linesIn } from './work-lines.ts';

/** Where the members of one planned archive stand. Plain data. */
export interface WorkBlock {
  readonly path: string;
  /** In bytes. */
  readonly offset: number;
  /** Of the lines. */
  readonly length: number;
  /** Of the names of carried members, which stand behind them. */
  readonly carriedLength: number;
}

const writeBytes = 1 << 20;
const linesAtOnce = 4096;

/** Writes the members of planned archives one behind the other into a file of its own. */
export function workWriter(path: string) {
  let parts: Buffer[] = [];
  let waiting = 0;
  let offset = 0;
  const flush = () => {
    if (waiting > 0) appendWork(path, Buffer.concat(parts));
    parts = [];
    waiting = 0;
  };
  /** How many bytes that makes. */
  const write = (lines: readonly string[]): number => {
    const before = offset;
    for (let from = 0; from < lines.length; from += linesAtOnce) {
      const part = Buffer.from(`${lines.slice(from, from + linesAtOnce).join('\n')}\n`, 'utf8');
      parts.push(part);
      waiting += part.length;
      offset += part.length;
      if (waiting >= writeBytes) flush();
    }
    return offset - before;
  };
  return {
    /** Lines of a listing, and the members that come over from the archive that is replaced. */
    add(lines: readonly string[], carried: readonly Member[]): WorkBlock {
      const begin = offset;
      const length = write(lines);
      const carriedLength = write(carried.map((member) => escapeName(member.path)));
      return { path, offset: begin, length, carriedLength };
    },
    end: flush,
  };
}

/** The lines of a block, without newlines, read as they are asked for; can be gone through again. */
export function blockLines({ path, offset, length }: WorkBlock): Iterable<string> {
  return { [Symbol.iterator]: () => linesIn(path, { offset, length }) };
}

/** The paths of the members that come over from the archive that is replaced. */
export function carriedPaths({ path, offset, length, carriedLength }: WorkBlock): readonly string[] {
  const place = { offset: offset + length, length: carriedLength };
  return Array.from(linesIn(path, place), unescapeName);
}
