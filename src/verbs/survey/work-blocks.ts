import { closeSync, openSync, readSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { ArchivePlan } from '../../plan/plan-archive.ts';
import { escapeName, unescapeName } from '../../shards/escaped-name.ts';
import { lineRow, rowLine } from '../../shards/listing-row.ts';

/** Where the members of one planned archive stand. Plain data. */
export interface WorkBlock {
  readonly path: string;
  /** In bytes. */
  readonly offset: number;
  readonly length: number;
}

/** What stands there. */
export interface WorkMembers {
  readonly entries: readonly Entry[];
  /** The paths of members that come over from the archive that is replaced. */
  readonly carried: readonly string[];
}

const writeBytes = 1 << 20;

/** Writes the members of planned archives one behind the other into a file of its own. */
export function workWriter(path: string, roots: readonly string[]) {
  const disks = new Map(roots.map((root, index) => [root, index]));
  let parts: Buffer[] = [];
  let waiting = 0;
  let offset = 0;
  const flush = () => {
    if (waiting > 0) appendWork(path, Buffer.concat(parts));
    parts = [];
    waiting = 0;
  };
  return {
    add({ entries, carried }: Pick<ArchivePlan, 'entries' | 'carried'>): WorkBlock {
      const lines = entries.map((entry) => rowLine(entry, disks.get(entry.disk)!));
      for (const member of carried) lines.push(`${escapeName(member.path)}\n`);
      const block = Buffer.from(lines.join(''), 'utf8');
      const at = { path, offset, length: block.length };
      parts.push(block);
      waiting += block.length;
      offset += block.length;
      if (waiting >= writeBytes) flush();
      return at;
    },
    end: flush,
  };
}

/** Reads one archive's members back. */
export function readBlock({ path, offset, length }: WorkBlock, roots: readonly string[]): WorkMembers {
  const bytes = Buffer.allocUnsafeSlow(length);
  try {
    const file = openSync(fsPath(path), 'r');
    try {
      for (let done = 0; done < length; ) {
        const got = readSync(file, bytes, done, length - done, offset + done);
        if (got === 0) throw new StowageError('corrupt', 'it ends too early');
        done += got;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error, 'run the same command again');
  }
  const entries: Entry[] = [];
  const carried: string[] = [];
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue;
    if (!line.includes(',')) carried.push(unescapeName(line));
    else entries.push(lineRow(line, roots) as Entry);
  }
  return { entries, carried };
}
