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
  return {
    /** Lines of a listing, and the members that come over from the archive that is replaced. */
    add(lines: readonly string[], carried: readonly Member[]): WorkBlock {
      const members = Buffer.from(textOf(lines), 'utf8');
      const others = Buffer.from(textOf(carried.map((member) => escapeName(member.path))), 'utf8');
      const block = Buffer.concat([members, others]);
      const at = { path, offset, length: members.length, carriedLength: others.length };
      parts.push(block);
      waiting += block.length;
      offset += block.length;
      if (waiting >= writeBytes) flush();
      return at;
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

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
