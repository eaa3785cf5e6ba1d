import type { Unseen } from '../../model/entry.ts';
import { baseOf } from '../../model/relative-path.ts';
import type { Finding } from '../../plan/finding.ts';
import type { Fate } from '../../rules/fate.ts';
import type { Rule } from '../../rules/section.ts';
import { bytesOfLine, entryTypeOf, letterOfLine, lineRow, pathOfLine } from '../../shards/listing-row.ts';
import { isPartialName } from '../restore/partial-name.ts';
import type { BoundedFates } from './bounded-fates.ts';
import type { FateKind } from './fate-counts.ts';

/** Where the lines of a listing go, by what becomes of what they stand for. */
export interface Sorted {
  /** The rules send it to an archive. A directory comes only from one of several disks, for the names that it takes there. */
  mapped(archive: string, rule: Rule, path: string, line: string): void;
  /** It goes nowhere; `counted` is undefined for what is no entry. */
  other(path: string, counted: FateKind | undefined, bytes: number, finding: Finding | undefined): void;
  /** A place below which anything may lie. */
  blind(path: string): void;
  /** A directory that held nothing on its disk. */
  empty(path: string, disk: string): void;
}

export interface SortContext {
  readonly fates: BoundedFates;
  /** The listing's roots. */
  readonly disks: readonly string[];
  /** True if an archive's name is not one of a section that is nested in this one. */
  readonly ownsName: (archive: string) => boolean;
}

/** A line that fates are asked for: paths go through in batches, under one time limit. */
interface Asked {
  readonly path: string;
  readonly line: string;
  readonly letter: string;
}

const batchLength = 4096;

/** Gives every line of a shard to where it goes. Each entry has one fate; directories are not entries of their own. */
export function sortLines(text: string, context: SortContext, to: Sorted): void {
  const severalDisks = context.disks.length > 1;
  let asked: Asked[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end);
    from = end + 1;
    const letter = letterOfLine(line);
    const type = entryTypeOf(letter);
    if (type === undefined) {
      sortUnseen(line, context.disks, to);
    } else if (type !== 'directory' || severalDisks) {
      asked.push({ path: pathOfLine(line), line, letter });
      if (asked.length === batchLength) {
        sortAsked(asked, context, to);
        asked = [];
      }
    }
  }
  sortAsked(asked, context, to);
}

function sortUnseen(line: string, disks: readonly string[], to: Sorted): void {
  const row = lineRow(line, disks);
  if ('type' in row) return;
  if (row.kind === 'empty') {
    to.empty(row.path, row.disk);
    return;
  }
  if (row.directory || row.kind === 'unreadable') to.blind(row.path);
  to.other(row.path, undefined, 0, unseenFinding(row));
}

function unseenFinding({ kind, directory, path, reason }: Unseen): Finding {
  return kind === 'vanished' && !directory
    ? { kind: 'refused', path, why: { kind: 'vanished', reason } }
    : { kind: 'unseen', path, reason };
}

function sortAsked(asked: readonly Asked[], { fates, ownsName, disks }: SortContext, to: Sorted): void {
  const all = fates.fatesOf(asked.map((one) => one.path));
  for (const [index, { path, line, letter }] of asked.entries()) {
    const fate = all[index]!;
    const leftover = isPartialName(baseOf(path));
    if (fate.kind === 'archived' && !leftover && ownsName(fate.archive)) {
      const special = specialFinding(path, letter);
      // On several disks a special file may take a name that a file has elsewhere.
      if (special === undefined || disks.length > 1) to.mapped(fate.archive, fate.rule, path, line);
      else to.other(path, 'refused', 0, special);
    } else if (letter !== 'd') {
      const finding = leftover ? leftoverFinding(path) : findingOf(path, fate);
      const refused = leftover || fate.kind === 'archived';
      to.other(path, refused ? 'refused' : fate.kind, bytesOfLine(line), finding);
    }
  }
}

/** Half a file that a killed restore left is never archived. */
function leftoverFinding(path: string): Finding {
  return { kind: 'refused', path, why: { kind: 'leftover' } };
}

/** That what a rule maps is neither a file nor a link. */
export function specialFinding(path: string, letter: string): Finding | undefined {
  const type = entryTypeOf(letter);
  if (type === undefined || type === 'file' || type === 'link' || type === 'directory') return undefined;
  return { kind: 'refused', path, why: { kind: 'special', type } };
}

function findingOf(path: string, fate: Fate): Finding | undefined {
  switch (fate.kind) {
    case 'archived': {
      const why = 'it would be an archive of the section that is nested there';
      return { kind: 'refused', path, why: { kind: 'illegal-name', name: fate.archive, why } };
    }
    case 'unmapped':
      return { kind: 'unmapped', path, directory: fate.directory, described: fate.described };
    case 'ambiguous':
      return { kind: 'ambiguous', path, patterns: fate.rules.map((rule) => rule.pattern) };
    case 'refused': {
      const why = fate.reason.kind === 'timed-out' ? { ...fate.reason, pattern: fate.rule.pattern } : fate.reason;
      return { kind: 'refused', path, why };
    }
    default:
      return undefined;
  }
}
