import { ownText } from '../../model/own-text.ts';
import type { Fate } from '../../rules/fate.ts';
import { type Rule, type Section, topKey } from '../../rules/section.ts';
import { type BoundedFates, boundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { type FatedRows, fatedRows } from './fated-rows.ts';
import type { Level } from './log.ts';
import { type QuickRows, quickRows } from './quick-rows.ts';

/** How a block is mapped: the same for all blocks of a cache. */
export interface MapContext {
  readonly section: Section;
  readonly fates: BoundedFates;
  readonly quick: QuickRows;
  /** The times of what HPSS holds, in seconds since 1970 UTC. */
  readonly held: ReadonlyMap<string, number | bigint>;
  /** The least level of which messages are wanted. */
  readonly detail: 'DEBUG' | 'INFO' | 'WARNING';
}

/** A context with all that follows from it. */
export function mapContext(given: Omit<MapContext, 'fates' | 'quick'>): MapContext {
  const fates = boundedFates(given.section);
  return { ...given, fates, quick: quickRows(given.section, fates) };
}

/** What a block adds to an archive. */
export interface MappedFiles {
  readonly archive: string;
  readonly files: number;
  readonly size: number | bigint;
  readonly newer: boolean;
  /** One of them, and how many lie in which directory. */
  readonly first: string;
  readonly places: ReadonlyMap<string, number>;
  /** The lines of the missing file with its files: where in `text`, in bytes. */
  readonly start: number;
  readonly end: number;
}

/** A message, before which so many rows of the block had been begun. Messages about a directory are said once. */
export interface RowMessage {
  readonly row: number;
  readonly level: Level;
  readonly text: string;
  readonly logger?: 'stowage';
  readonly once?: true;
}

/** What became of a block. */
export interface MappedBlock {
  readonly rows: number;
  /** In the order of their first file. */
  readonly archives: readonly MappedFiles[];
  readonly text: Uint8Array;
  /** How many files each directory has, whatever becomes of them. */
  readonly directories: ReadonlyMap<string, number>;
  readonly messages: readonly RowMessage[];
  /** How often each rule of a directory matched, for every directory of which a file was looked at, in order. */
  readonly used: readonly (readonly [directory: string, counts: readonly number[]])[];
  readonly unmapped: number;
  readonly several: number;
  /** Files that go nowhere though no rule says so: their directory is not in the configuration, or their archive cannot be. */
  readonly leftOut: number;
}

interface Gathered {
  files: number;
  size: number | bigint;
  newer: boolean;
  /** Its rows, in runs: from, up to. */
  readonly rows: number[];
  readonly first: string;
  readonly places: Map<string, number>;
}

/** Maps the rows of a block as HPSSPy does: a file that several rules match goes to all of their archives, and is told of. Throws `corrupt` for a bad row. */
export function mapBlock(block: CsvBlock, { section, fates, quick, held, detail }: MapContext): MappedBlock {
  // What is said of each row needs its name as a text.
  const rows = (detail === 'DEBUG' ? undefined : quick(block)) ?? fatedRows(block, fates);
  const archives = new Map<string, Gathered>();
  const messages: RowMessage[] = [];
  const used = new Map<string, number[]>();
  const positions = new Map<Rule, number>();
  const count = { unmapped: 0, several: 0, leftOut: 0 };
  const info = detail !== 'WARNING';
  const debug = detail === 'DEBUG';
  let run = 0;
  let row = 0;
  let parent = '';
  const say = (level: Level, text: string, more: Partial<RowMessage> = {}) =>
    void messages.push({ row: row + 1, level, text, ...more });

  let lastDirectory: string | undefined;
  let lastCounts: number[] = [];
  const use = (directory: string, rule: Rule | undefined, files = 1) => {
    if (directory !== lastDirectory) {
      lastCounts = countsOf(directory);
      lastDirectory = directory;
    }
    if (rule !== undefined) lastCounts[positions.get(rule)!]! += files;
  };
  const countsOf = (directory: string): number[] => {
    let counts = used.get(directory);
    if (counts === undefined) {
      const all = section.directories.get(directory) ?? [];
      for (const [index, rule] of all.entries()) positions.set(rule, index);
      counts = all.map(() => 0);
      used.set(directory, counts);
    }
    return counts;
  };
  let lastArchive: string | undefined;
  let lastGathered: Gathered | undefined;
  const gatheredOf = (archive: string): Gathered => {
    // Neighbours mostly go to the same archive.
    if (archive === lastArchive) return lastGathered!;
    let gathered = archives.get(archive);
    if (gathered === undefined) {
      gathered = { files: 0, size: 0, newer: false, rows: [], first: ownText(rows.name(row)), places: new Map() };
      archives.set(archive, gathered);
    }
    lastArchive = archive;
    lastGathered = gathered;
    return gathered;
  };
  /** The rows of the run from `row` up to `to` go to this archive. */
  const add = (archive: string, to: number) => {
    const gathered = gatheredOf(archive);
    const files = to - row;
    gathered.size = sum(gathered.size, rows.size(run));
    if (gathered.rows.at(-1) === row) gathered.rows[gathered.rows.length - 1] = to;
    else gathered.rows.push(row, to);
    gathered.files += files;
    gathered.places.set(parent, (gathered.places.get(parent) ?? 0) + files);
    const stored = held.size === 0 ? undefined : held.get(archive);
    if (stored === undefined) return;
    for (; row < to; row += 1) {
      if (rows.mtime(row) <= stored) continue;
      gathered.newer = true;
      say('WARNING', `${rows.name(row)} is newer than ${archive}, marking as missing!`);
    }
    row = to - files;
  };
  const apply = (rule: Rule, archive: string | undefined, to: number) => {
    if (debug) {
      say('DEBUG', `pattern_used[r'${rule.pattern}'] += 1`);
      say('DEBUG', `r[1] = r'${rule.template}'`);
    }
    if (rule.kind === 'exclude') debug && say('DEBUG', `${rows.name(row)} is excluded from backups.`);
    else if (rule.kind === 'automated')
      debug && say('DEBUG', `${rows.name(row)} is backed up by some other automated process.`);
    else if (archive !== undefined) {
      if (debug) say('DEBUG', `${rows.name(row)} in ${archive}.`);
      add(archive, to);
    }
  };
  const settle = (fate: Fate, to: number) => {
    switch (fate.kind) {
      case 'archived':
        use(fate.rule.directory, fate.rule, to - row);
        return apply(fate.rule, fate.archive, to);
      case 'excluded':
      case 'automated':
        if (fate.rule === '__exclude__') {
          if (info) say('INFO', `${rows.name(row)} is excluded.`);
          return;
        }
        use(fate.rule.directory, fate.rule, to - row);
        return apply(fate.rule, undefined, to);
      case 'ambiguous': {
        const file = rows.name(row);
        for (const rule of fate.rules) use(rule.directory, rule);
        for (const rule of fate.rules) {
          apply(rule, rule.kind === 'archive' ? rule.compiled.sub(rule.replacement, file) : undefined, to);
        }
        count.several += 1;
        return say('ERROR', `${file} is mapped to multiple files on HPSS!`);
      }
      case 'refused': {
        use(fate.rule.directory, fate.rule);
        count.leftOut += 1;
        const { reason } = fate;
        const why =
          reason.kind === 'timed-out'
            ? `the pattern '${fate.rule.pattern}' takes too long on it`
            : `no archive can be called '${reason.name}': ${reason.why}`;
        return say('ERROR', `${rows.name(row)} is left out: ${why}`, { logger: 'stowage' });
      }
      case 'unmapped': {
        const file = rows.name(row);
        const directory = file.includes('/') ? file.slice(0, file.indexOf('/')) : topKey;
        if (fate.described) {
          use(directory, undefined);
          count.unmapped += 1;
          return say('ERROR', `${file} is not mapped to any file on HPSS!`);
        }
        count.leftOut += 1;
        const what = section.directories.has(directory) ? 'not configured' : 'not described in the configuration';
        return say('WARNING', `Directory ${directory} is ${what}!`, { once: true });
      }
    }
  };

  const directories = new Map<string, number>();
  for (; run < rows.runs; run += 1) {
    row = rows.first(run);
    const to = run + 1 < rows.runs ? rows.first(run + 1) : rows.rows;
    parent = rows.parent(run);
    directories.set(parent, (directories.get(parent) ?? 0) + to - row);
    const fate = rows.fate(run);
    if (isSaidOnce(fate)) settle(fate, to);
    else for (; row < to; row += 1) settle(fate, row + 1);
  }
  return { rows: rows.rows, directories, messages, used: [...used], ...count, ...written(archives, rows) };
}

/** True if nothing is said of each file with such a fate: then a run of them is settled in one go. */
function isSaidOnce({ kind, rule }: Fate & { readonly rule?: Rule | '__exclude__' }): boolean {
  return kind === 'archived' || ((kind === 'excluded' || kind === 'automated') && rule !== '__exclude__');
}

function sum(one: number | bigint, other: number | bigint): number | bigint {
  if (typeof one === 'number' && typeof other === 'number') {
    const both = one + other;
    if (Number.isSafeInteger(both)) return both;
  }
  return BigInt(one) + BigInt(other);
}

const quote = 0x22;

function written(archives: ReadonlyMap<string, Gathered>, rows: FatedRows): Pick<MappedBlock, 'archives' | 'text'> {
  let room = 0;
  for (const { rows: runs } of archives.values()) {
    for (let run = 0; run < runs.length; run += 2) room += rows.room(runs[run]!, runs[run + 1]!);
    room += 1;
  }
  const found: MappedFiles[] = [];
  const text = Buffer.allocUnsafeSlow(room);
  let at = 0;
  for (const [archive, { rows: runs, ...rest }] of archives) {
    const start = at;
    for (let run = 0; run < runs.length; run += 2) {
      at = rows.putLines(runs[run]!, runs[run + 1]!, text, at, run === 0);
    }
    text[at] = quote;
    at += 1;
    found.push({ archive, ...rest, start, end: at });
  }
  return { archives: found, text: text.subarray(0, at) };
}
