import { join } from 'node:path';
import { type Holder, holderState, thisHolder } from '../../../durable/holder.ts';
import { namesIfThere } from '../../../durable/names-if-there.ts';
import { readIfThere } from '../../../durable/read-if-there.ts';
import { isBeingWritten } from './copy-journal.ts';
import type { BookedUpload, JournalLine, Replacement } from './journal-line.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** An upload that a run began and did not end. */
export interface LeftUpload extends BookedUpload {
  readonly id: number;
  /** When it was begun; what was permitted then is for a day. */
  readonly at: Date;
  /** It was about to change places with the old content. */
  readonly moving: Replacement | undefined;
}

/** The journal of a run that has ended. */
export interface LeftJournal {
  readonly path: string;
  readonly uploads: readonly LeftUpload[];
}

/** What ended runs have left in a folder, and the journals that cannot be read. Of runs that go on, or may, nothing is said. */
export async function leftUploads(
  folder: string,
  now: Date,
): Promise<{ readonly journals: readonly LeftJournal[]; readonly unreadable: readonly string[] }> {
  const journals: LeftJournal[] = [];
  const unreadable: string[] = [];
  for (const name of (await namesIfThere(folder)).filter((one) => one.endsWith('.jsonl')).sort()) {
    const path = join(folder, name);
    const text = await readIfThere(path);
    if (text === undefined) continue;
    const lines = linesOf(text);
    const begin = lines?.[0];
    // A run that was killed before it had written its first line had done nothing.
    if (lines?.length === 0) {
      if (isOfEarlierDay(name, now)) journals.push({ path, uploads: [] });
    } else if (begin?.kind !== 'begin' || begin.format !== 1) unreadable.push(path);
    else if (hasEnded(begin.run, begin.holder, lines!)) journals.push({ path, uploads: openUploads(lines!) });
  }
  return { journals, unreadable };
}

/** Journals have their first line from their beginning; those of Stowage before that had not, and whoever made an empty one may be about to write it, but not for a day. */
function isOfEarlierDay(name: string, now: Date): boolean {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})T\d{6}Z-[0-9a-f]+\.jsonl$/.exec(name) ?? [];
  return year !== undefined && Date.parse(`${year}-${month}-${day}`) + 2 * dayMs <= now.getTime();
}

/** One that this process has let go of is as one of a process that is no more. */
function hasEnded(run: string, holder: Holder, lines: readonly JournalLine[]): boolean {
  if (isBeingWritten(run)) return false;
  if (lines.some(({ kind }) => kind === 'end')) return true;
  const self = thisHolder();
  const isOurs = holder.pid === self.pid && holder.startTime === self.startTime && holder.host === self.host;
  return isOurs || holderState(holder) === 'dead';
}

/** Several bookings of one upload are one, with all their replicas. */
function openUploads(lines: readonly JournalLine[]): readonly LeftUpload[] {
  const open = new Map<number, LeftUpload>();
  for (const line of lines) {
    if (line.kind === 'booked') {
      const { kind: _, ...booked } = line;
      const replicas = [...(open.get(line.id)?.replicas ?? []), ...line.replicas];
      open.set(line.id, { ...booked, replicas, at: new Date(line.at), moving: undefined });
    } else if (line.kind === 'moving') {
      const upload = open.get(line.id);
      if (upload !== undefined) open.set(line.id, { ...upload, moving: line });
    } else if (line.kind === 'done') open.delete(line.id);
  }
  return [...open.values()];
}

/** Undefined if a line other than a torn last one is none of ours. */
function linesOf(text: string): readonly JournalLine[] | undefined {
  const lines: JournalLine[] = [];
  const texts = text.split('\n');
  // What stands behind the last line end was not written to its end.
  for (const one of texts.slice(0, -1)) {
    try {
      lines.push(JSON.parse(one) as JournalLine);
    } catch {
      return undefined;
    }
  }
  return lines;
}
