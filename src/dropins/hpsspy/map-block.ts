import type { Fate } from '../../rules/fate.ts';
import { type Rule, type Section, topKey } from '../../rules/section.ts';
import type { BoundedFates } from '../../verbs/survey/bounded-fates.ts';
import { blockRows } from './block-rows.ts';
import type { CsvBlock } from './csv-blocks.ts';
import type { Level } from './log.ts';
import { pythonJsonText } from './python-json.ts';

/** How a block is mapped: the same for all blocks of a cache. */
export interface MapContext {
  readonly section: Section;
  readonly fates: BoundedFates;
  /** The times of what HPSS holds, in seconds since 1970 UTC. */
  readonly held: ReadonlyMap<string, number | bigint>;
  /** The least level of which messages are wanted. */
  readonly detail: 'DEBUG' | 'INFO' | 'WARNING';
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
  /** As they stand in the missing file, without quotes. */
  readonly names: string[];
  readonly first: string;
  readonly places: Map<string, number>;
}

/** Maps the rows of a block as HPSSPy does: a file that several rules match goes to all of their archives, and is told of. Throws `corrupt` for a bad row. */
export function mapBlock(block: CsvBlock, { section, fates, held, detail }: MapContext): MappedBlock {
  const rows = blockRows(block);
  const archives = new Map<string, Gathered>();
  const messages: RowMessage[] = [];
  const used = new Map<string, number[]>();
  const positions = new Map<Rule, number>();
  const count = { unmapped: 0, several: 0, leftOut: 0 };
  const info = detail !== 'WARNING';
  const debug = detail === 'DEBUG';
  let row = 0;
  let parent = '';
  const say = (level: Level, text: string, more: Partial<RowMessage> = {}) =>
    void messages.push({ row: row + 1, level, text, ...more });

  let lastDirectory: string | undefined;
  let lastCounts: number[] = [];
  const use = (directory: string, rule: Rule | undefined) => {
    if (directory !== lastDirectory) {
      lastCounts = countsOf(directory);
      lastDirectory = directory;
    }
    if (rule !== undefined) lastCounts[positions.get(rule)!]! += 1;
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
  const gatheredOf = (archive: string, file: string): Gathered => {
    // Neighbours mostly go to the same archive.
    if (archive === lastArchive) return lastGathered!;
    let gathered = archives.get(archive);
    if (gathered === undefined) {
      gathered = { files: 0, size: 0, newer: false, names: [], first: ownText(file), places: new Map() };
      archives.set(archive, gathered);
    }
    lastArchive = archive;
    lastGathered = gathered;
    return gathered;
  };
  // Counted in runs: to look a directory up for each file costs as much as its fate.
  let placing: Gathered | undefined;
  let placingIn = '';
  let placed = 0;
  const putPlace = () => {
    if (placed > 0) placing!.places.set(placingIn, (placing!.places.get(placingIn) ?? 0) + placed);
    placed = 0;
  };
  const add = (archive: string, file: string) => {
    const gathered = gatheredOf(archive, file);
    gathered.size = sum(gathered.size, rows.size(row));
    gathered.names.push(pythonJsonText(file));
    gathered.files += 1;
    if (gathered !== placing || parent !== placingIn) {
      putPlace();
      placing = gathered;
      placingIn = parent;
    }
    placed += 1;
    const stored = held.size === 0 ? undefined : held.get(archive);
    if (stored === undefined || rows.mtime(row) <= stored) return;
    gathered.newer = true;
    say('WARNING', `${file} is newer than ${archive}, marking as missing!`);
  };
  const apply = (file: string, rule: Rule, archive: string | undefined) => {
    if (debug) {
      say('DEBUG', `pattern_used[r'${rule.pattern}'] += 1`);
      say('DEBUG', `r[1] = r'${rule.template}'`);
    }
    if (rule.kind === 'exclude') debug && say('DEBUG', `${file} is excluded from backups.`);
    else if (rule.kind === 'automated') debug && say('DEBUG', `${file} is backed up by some other automated process.`);
    else if (archive !== undefined) {
      if (debug) say('DEBUG', `${file} in ${archive}.`);
      add(archive, file);
    }
  };
  const settle = (file: string, fate: Fate) => {
    switch (fate.kind) {
      case 'archived':
        use(fate.rule.directory, fate.rule);
        return apply(file, fate.rule, fate.archive);
      case 'excluded':
      case 'automated':
        if (fate.rule === '__exclude__') {
          if (info) say('INFO', `${file} is excluded.`);
          return;
        }
        use(fate.rule.directory, fate.rule);
        return apply(file, fate.rule, undefined);
      case 'ambiguous':
        for (const rule of fate.rules) use(rule.directory, rule);
        for (const rule of fate.rules) {
          apply(file, rule, rule.kind === 'archive' ? rule.compiled.sub(rule.replacement, file) : undefined);
        }
        count.several += 1;
        return say('ERROR', `${file} is mapped to multiple files on HPSS!`);
      case 'refused': {
        use(fate.rule.directory, fate.rule);
        count.leftOut += 1;
        const { reason } = fate;
        const why =
          reason.kind === 'timed-out'
            ? `the pattern '${fate.rule.pattern}' takes too long on it`
            : `no archive can be called '${reason.name}': ${reason.why}`;
        return say('ERROR', `${file} is left out: ${why}`, { logger: 'stowage' });
      }
      case 'unmapped': {
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

  const all = fates.fatesOf(rows.names);
  const directories = new Map<string, number>();
  let inParent = 0;
  for (; row < all.length; row += 1) {
    const file = rows.names[row]!;
    const slash = file.lastIndexOf('/');
    // Neighbours mostly lie in the same directory.
    if (Math.max(slash, 0) !== parent.length || !file.startsWith(parent)) {
      if (inParent > 0) directories.set(parent, (directories.get(parent) ?? 0) + inParent);
      parent = slash < 0 ? '' : ownText(file.slice(0, slash));
      inParent = 0;
    }
    inParent += 1;
    settle(file, all[row]!);
  }
  if (inParent > 0) directories.set(parent, (directories.get(parent) ?? 0) + inParent);
  putPlace();
  return { rows: all.length, directories, messages, used: [...used], ...count, ...written(archives) };
}

/** Part of a text keeps all of it in memory; this does not. */
export function ownText(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

function sum(one: number | bigint, other: number | bigint): number | bigint {
  if (typeof one === 'number' && typeof other === 'number') {
    const both = one + other;
    if (Number.isSafeInteger(both)) return both;
  }
  return BigInt(one) + BigInt(other);
}

function written(archives: ReadonlyMap<string, Gathered>): Pick<MappedBlock, 'archives' | 'text'> {
  const found: MappedFiles[] = [];
  let start = 0;
  let text = '';
  // All of it is ASCII.
  for (const [archive, { names, ...rest }] of archives) {
    // In one go: a text that grows by pieces is a tree of them.
    const own = `      "${names.join('",\n      "')}"`;
    found.push({ archive, ...rest, start, end: start + own.length });
    start += own.length;
    text += own;
  }
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return { archives: found, text: bytes };
}
