import { openCatalog } from '../../catalog/catalog.ts';
import { recordedSections } from '../../catalog/state-folder.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { printableWord } from '../../model/printable-word.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { identityOf, keyPrefix, type Project, sectionOf, type VerbOptions } from '../project.ts';
import { type RunJournal, runJournal } from '../run-journal.ts';
import { confidence, damagedAtMost } from './damaged-at-most.ts';
import { judgeArchive } from './judge-archive.ts';
import { requireDigests, requireLevel } from './levels.ts';
import { type Candidate, type Portion, portionOf, type SampleSize } from './portion.ts';
import { seenAhead } from './seen-ahead.ts';
import type { SampleResult } from './verify-event.ts';

export interface VerifyOptions extends VerbOptions {
  readonly level: EvidenceLevel;
  /** Where the store keeps no digest of an archive, it is to make one: it reads it for that. */
  readonly createDigests?: boolean;
  /** Absent: every section that has a record. */
  readonly section?: string;
  /** Archives by key or by name within the section; empty: all. */
  readonly archives?: readonly string[];
  /** Only so many of them, drawn at random. */
  readonly sample?: SampleSize;
  /** What the sample is drawn by; the same seed draws the same archives. Absent: chance. */
  readonly seed?: string;
  /** Only what was not found intact at `level` in these seconds. */
  readonly maxAge?: number;
  /** False: nothing is written down, so that who may only read the state folder can verify; not with `maxDuration`, as no run would know where to go on. */
  readonly record?: boolean;
  /** Begin with no further archive after these seconds; the first is always looked at. */
  readonly maxDuration?: number;
}

/**
 * Compares archives with the record, as closely as asked, and writes down what it saw, each with its date, unless `record` is false. Takes no lock and
 * repairs nothing. With `maxAge` or `maxDuration` it begins with those that nobody looked at for the longest time, so that run after
 * run comes to all of them. Throws `usage` for a level that the store has not, `missing` if there is nothing to verify.
 */
export async function* verify(project: Project, options: VerifyOptions): AsyncGenerator<Event> {
  requireLevel(project.store, options.level);
  if (options.createDigests) requireDigests(project.store, options.level);
  const isRecorded = options.record ?? true;
  if (!isRecorded && options.maxDuration !== undefined) throw nowhereToGoOn();
  const began = project.clock.now();
  const all = await candidates(project, options);
  if (all.length === 0) throw nothingRecorded(options.section);
  const sample = options.sample && { size: options.sample, seed: options.seed ?? seedOf(project) };
  const since = options.maxAge === undefined ? undefined : before(began, options.maxAge);
  const portion = portionOf(all, {
    level: options.level,
    oldestFirst: options.maxAge !== undefined || options.maxDuration !== undefined,
    now: began.toISOString(),
    ...(sample === undefined ? {} : { sample }),
    ...(since === undefined ? {} : { since }),
  });
  const { due, recent } = portion;
  if (sample !== undefined) yield { kind: 'sample', seed: sample.seed, archives: due.length + recent, of: all.length };
  const progress = progressOver(due, options);
  const totals = { intact: 0, damaged: 0, missing: 0, unproven: 0, bytes: 0 };
  const journals = new Map<string, RunJournal>();
  let done = 0;
  try {
    const isQuick = options.level === 'listed' || options.level === 'size';
    for await (const [candidate, look] of seenAhead(project, due, { ...options, atOnce: isQuick ? 500 : 1 })) {
      if (options.stop?.aborted) throw interrupted(isRecorded);
      if (done > 0 && isOver(project, began, options.maxDuration)) break;
      const { section } = candidate.catalog;
      const journal = isRecorded ? (journals.get(section) ?? runJournal(project, section, 'verify')) : undefined;
      if (journal !== undefined) journals.set(section, journal);
      const verdict = await judgeArchive(project, candidate, journal, options, look(), progress.bytes);
      done += 1;
      progress.item();
      totals[verdict.outcome] += 1;
      totals.bytes += candidate.record.head.bytes;
      yield { kind: 'verdict', section, verdict };
    }
    for (const journal of journals.values()) await journal.end();
  } finally {
    for (const journal of journals.values()) await journal.close();
  }
  const left = due.slice(done);
  const { unproven, ...counts } = totals;
  if (left.length > 0) yield { kind: 'postponed', archives: left.length, bytes: bytesOf(left) };
  yield {
    kind: 'verified',
    level: options.level,
    ...counts,
    ...(unproven === 0 ? {} : { unproven }),
    ...(isRecorded ? {} : { unrecorded: true }),
    ...(since === undefined ? {} : { recent, since }),
    ...(sample === undefined || left.length > 0 ? {} : { sample: sampleResult(portion, totals, all.length) }),
  };
}

/** Every archive that may be meant, by section and name. */
async function candidates(project: Project, options: VerifyOptions): Promise<readonly Candidate[]> {
  const sections =
    options.section === undefined ? await sectionsOf(project) : [sectionOf(project, options.section).name];
  const found: Candidate[][] = [];
  for (const section of sections) {
    const catalog = await openCatalog(project.state, section, identityOf(project));
    const named = options.archives ?? [];
    const records = [...catalog.archives].sort(([a], [b]) => (a < b ? -1 : 1));
    const wanted = named.length === 0 ? undefined : keysOf(catalog.archives, section, named);
    const chosen = wanted === undefined ? records : records.filter(([key]) => wanted.has(key));
    found.push(chosen.map(([key, record]) => ({ catalog, key, record })));
  }
  return found.flat();
}

async function sectionsOf(project: Project): Promise<readonly string[]> {
  const recorded = await recordedSections(project.state);
  return recorded.filter((section) => project.configuration.sections.has(section));
}

function keysOf(
  recorded: ReadonlyMap<StoreKey, unknown>,
  section: string,
  names: readonly string[],
): ReadonlySet<string> {
  const prefix = keyPrefix(section);
  const keys = new Set(names.map((name) => (recorded.has(name as StoreKey) ? name : prefix + name)));
  for (const key of keys) {
    if (recorded.has(key as StoreKey)) continue;
    throw new StowageError('usage', `no archive '${displayName(key)}' is recorded`, {
      hint: 'stowage find CONFIG PATTERN names the archives',
    });
  }
  return keys;
}

function seedOf(project: Project): string {
  return Buffer.from(project.random(4)).toString('hex');
}

function before(moment: Date, seconds: number): string {
  return new Date(Math.max(0, moment.getTime() - seconds * 1000)).toISOString();
}

function isOver(project: Project, began: Date, seconds: number | undefined): boolean {
  return seconds !== undefined && project.clock.now().getTime() - began.getTime() >= seconds * 1000;
}

function bytesOf(of: readonly Candidate[]): number {
  return of.reduce((sum, { record }) => sum + record.head.bytes, 0);
}

function sampleResult(
  { due, recent }: Portion,
  { damaged, missing, unproven }: Readonly<Record<'damaged' | 'missing' | 'unproven', number>>,
  of: number,
): SampleResult {
  const archives = due.length + recent;
  const bad = damaged + missing + unproven;
  return { archives, of, bad, atMost: damagedAtMost(of, archives, bad), confidence };
}

function nothingRecorded(section: string | undefined): StowageError {
  const what =
    section === undefined ? 'nothing is recorded yet' : `nothing is recorded of section '${displayName(section)}'`;
  return new StowageError('missing', what, {
    hint: `stowage archive CONFIG ${printableWord(section ?? 'SECTION')} makes archives; stowage rebuild-catalog CONFIG learns from the store`,
  });
}

function interrupted(isRecorded: boolean): StowageError {
  const kept = isRecorded ? 'what was verified is recorded' : 'nothing was recorded';
  return new StowageError('interrupted', 'stopped before all was verified', {
    hint: `${kept}; name the archives that are left, or run it again`,
  });
}

function nowhereToGoOn(): StowageError {
  return new StowageError('usage', '--max-duration cannot be used with --no-record: no run would know where to go on', {
    hint: 'stowage verify CONFIG --no-record --sample 5% looks at a part of them',
  });
}

function progressOver(all: readonly Candidate[], options: VerifyOptions) {
  const reads = options.level === 'read';
  const totalBytes = reads ? bytesOf(all) : undefined;
  let items = 0;
  let bytes = 0;
  const tell = () =>
    options.progress?.({
      stage: 'verify',
      items,
      bytes,
      totalItems: all.length,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    });
  return {
    bytes(more: number) {
      bytes += more;
      tell();
    },
    item() {
      items += 1;
      tell();
    },
  };
}
