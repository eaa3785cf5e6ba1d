import type { Entry } from '../../model/entry.ts';
import type { Finding } from '../../plan/finding.ts';
import { bytesOfLine, lineRow, pathOfLine } from '../../shards/listing-row.ts';
import { type FateCounts, type FateKind, fateCounter } from './fate-counts.ts';

/** What the rules send to one archive. */
export interface MappedArchive {
  /** Lines of the listing, sorted by path: most archives can be judged without reading more than that. */
  readonly lines: readonly string[];
  /** The rules that sent them, by their number in the section. */
  readonly rules: ReadonlySet<number>;
}

/** A part of a section, archive by archive. */
export interface Grouped {
  readonly archives: ReadonlyMap<string, MappedArchive>;
  readonly counts: FateCounts;
  /** Sorted by path. */
  readonly findings: readonly Finding[];
}

/** Brings together what goes to the same archive, and what stands under the same name on several disks. */
export interface Grouping {
  mapped(archive: string, rule: number, line: string): void;
  other(path: string, counted: FateKind | undefined, bytes: number, finding: Finding | undefined): void;
  result(): Grouped;
}

interface Mapped {
  readonly archive: string;
  readonly rule: number;
  readonly found: Found[];
}

interface Found {
  readonly entry: Entry;
  readonly line: string;
}

/** An empty grouping for a listing of these disks. All that has one path must come to the same grouping, in any order. */
export function grouping(disks: readonly string[]): Grouping {
  const severalDisks = disks.length > 1;
  const archives = new Map<string, { lines: string[]; rules: Set<number> }>();
  const counter = fateCounter();
  const findings: { readonly path: string; readonly finding: Finding }[] = [];
  // With one disk no name comes twice, and nothing need be remembered by its path.
  const byPath = new Map<string, Mapped>();
  const others = new Set<string>();

  const add = (archive: string, rule: number, line: string) => {
    counter.count('archived', bytesOfLine(line));
    let group = archives.get(archive);
    if (group === undefined) {
      group = { lines: [], rules: new Set() };
      archives.set(archive, group);
    }
    group.lines.push(line);
    group.rules.add(rule);
  };
  const refuse = (entry: Entry, finding: Finding) => {
    counter.count('refused', entry.bytes);
    findings.push({ path: entry.path, finding });
  };
  const settle = ({ archive, rule, found }: Mapped) => {
    const first = found.find((one) => one.entry.type !== 'directory');
    if (first === undefined) return;
    const { path, type } = first.entry;
    if (found.length > 1) {
      const where = found.map((one) => one.entry.disk).sort();
      refuse(first.entry, { kind: 'refused', path, why: { kind: 'several-disks', disks: where } });
    } else if (type !== 'file' && type !== 'link') {
      refuse(first.entry, { kind: 'refused', path, why: { kind: 'special', type } });
    } else {
      add(archive, rule, first.line);
    }
  };

  return {
    mapped(archive, rule, line) {
      if (!severalDisks) {
        add(archive, rule, line);
        return;
      }
      const entry = lineRow(line, disks);
      if (!('type' in entry)) return;
      const known = byPath.get(entry.path);
      if (known === undefined) byPath.set(entry.path, { archive, rule, found: [{ entry, line }] });
      else known.found.push({ entry, line });
    },
    other(path, counted, bytes, finding) {
      if (counted !== undefined) {
        // What several disks have counts once.
        if (severalDisks && others.has(path)) return;
        if (severalDisks) others.add(path);
        counter.count(counted, bytes);
      }
      if (finding !== undefined) findings.push({ path, finding });
    },
    result() {
      for (const one of byPath.values()) settle(one);
      for (const { lines } of archives.values()) sortLinesByPath(lines);
      sortByPath(findings);
      return { archives, counts: counter.counts(), findings: findings.map((one) => one.finding) };
    },
  };
}

/** As the threads that scan write them, they are sorted already in most archives. */
function sortLinesByPath(lines: string[]): void {
  let last = '';
  for (const line of lines) {
    const path = pathOfLine(line);
    if (path < last) {
      const pairs = lines.map((one) => ({ path: pathOfLine(one), line: one }));
      sortByPath(pairs);
      for (const [index, pair] of pairs.entries()) lines[index] = pair.line;
      return;
    }
    last = path;
  }
}

function sortByPath(all: { readonly path: string }[]): void {
  all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
