import { rejected } from './pattern-error.ts';
import { checkName } from './pattern-group.ts';
import { lengthOf, type PatternReader } from './pattern-reader.ts';
import type { PatternNode } from './pattern-tree.ts';
import { type Width, widthOf } from './pattern-width.ts';
import { isIdentifier, quoted, wholeNumber } from './python-literal.ts';

/** The groups of a pattern while it is read: which there are, which are still open, and who may refer to them. */
export interface GroupList {
  count(): number;
  readonly names: ReadonlyMap<string, number>;
  /** The number of a new group, whose name and `>` were just taken. */
  open(name: string | undefined): number;
  close(group: number, body: PatternNode): void;
  widthOf(node: PatternNode): Width;
  /** Runs a deed during which only groups from before it may be referred to: the content of a look-behind. */
  inLookBehind<T>(deed: () => T): T;
  /** Throws unless the group can be referred to; the reference, so long in code points, was just taken. */
  checkReference(group: number, length: number): void;
  /** The group of a `(?P=name)` that was just taken. */
  referenceByName(name: string): number;
  /** The group that a conditional depends on, whose name or number and `)` were just taken. It need not be there yet. */
  condition(text: string): number;
  /** Throws if a conditional depends on a group that never came. */
  finish(): void;
}

const mostGroups = 1073741823n;

/** The groups of the pattern that this reader reads: none so far. */
export function groupList(reader: PatternReader): GroupList {
  const names = new Map<string, number>();
  const widths: (Width | undefined)[] = [];
  const wanted = new Map<number, number>();
  let before: number | undefined;

  const isClosed = (group: number) => widths[group - 1] !== undefined;
  const nodeWidth = (node: PatternNode) => widthOf(node, (group) => widths[group - 1]!);
  function checkLookBehind(group: number): void {
    if (before === undefined) return;
    if (!isClosed(group)) throw reader.error('cannot refer to an open group');
    if (group > before) throw reader.error('cannot refer to group defined in the same lookbehind subpattern');
  }
  function named(name: string): number {
    const group = names.get(name);
    if (group === undefined) throw reader.error(`unknown group name ${quoted(name)}`, lengthOf(name) + 1);
    return group;
  }
  function checkReference(group: number, length: number): void {
    if (!isClosed(group)) throw reader.error('cannot refer to an open group', length);
    checkLookBehind(group);
  }

  return {
    count: () => widths.length,
    names,
    open(name) {
      const group = widths.push(undefined);
      if (name === undefined) return group;
      const other = names.get(name);
      if (other !== undefined) {
        const reason = `redefinition of group name ${quoted(name)} as group ${group}; was group ${other}`;
        throw reader.error(reason, lengthOf(name) + 1);
      }
      names.set(name, group);
      return group;
    },
    close(group, body) {
      widths[group - 1] = nodeWidth(body);
    },
    widthOf: nodeWidth,
    inLookBehind(deed) {
      if (before !== undefined) return deed();
      before = widths.length;
      try {
        return deed();
      } finally {
        before = undefined;
      }
    },
    checkReference(group, length) {
      if (group > widths.length) throw reader.error(`invalid group reference ${group}`, length - 1);
      checkReference(group, length);
    },
    referenceByName(name) {
      const group = named(name);
      checkReference(group, lengthOf(name) + 1);
      return group;
    },
    condition(text) {
      const back = lengthOf(text) + 1;
      let group: number;
      if (isIdentifier(text)) {
        group = named(text);
      } else {
        const number = wholeNumber(text);
        if (number === undefined) checkName(reader, text);
        if (number === 0n) throw reader.error('bad group number', back);
        if (number! >= mostGroups) throw reader.error(`invalid group reference ${number}`, back);
        group = Number(number);
        if (!wanted.has(group)) wanted.set(group, reader.position() - back);
      }
      checkLookBehind(group);
      return group;
    },
    finish() {
      for (const [group, position] of wanted) {
        if (group > widths.length) throw rejected(reader.text, `invalid group reference ${group}`, position);
      }
    },
  };
}
