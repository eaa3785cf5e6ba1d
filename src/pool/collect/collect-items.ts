import { lstatSync, statSync } from 'node:fs';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { CollectDir, CollectFile, CollectSettings } from '../configuration/pool-configuration.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { calendarDay, dayPath, startsWeek, weekStart } from '../week.ts';
import { archiveNames, archiveStem } from './archive-names.ts';
import { baselinePaths, openBaseline } from './baseline.ts';
import { archiveEndings, collectArchive, fileEntry, subdirectoriesOf } from './collect-archive.ts';
import { readWeekly, weeklyDue, writeWeekly } from './due.ts';
import { exclusionsOf, withoutSlash } from './exclusions.ts';
import { type Collected, walkCollected } from './walk-collected.ts';
import { writeBaseline } from './write-baseline.ts';

/** The things to collect, and what is remembered of them. */
export interface CollectItems {
  /** Collects one thing if it is its day. Throws if it could not be collected as a whole. */
  collect(item: CollectFile | CollectDir): AsyncGenerator<PoolEvent>;
  /** Remembers which weekly things were collected in which week. */
  rememberWeeks(): Promise<void>;
}

/** The things to collect today. */
export async function collectItems(
  run: PoolRun,
  section: CollectSettings,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<CollectItems> {
  const { files, full } = run;
  const { startingDay } = run.configuration.options;
  const today = calendarDay(run.clock.now());
  const startsToday = startsWeek(today, startingDay);
  const thisWeek = dayPath(weekStart(today, startingDay));
  const all = [...section.files, ...section.dirs];
  const names = archiveNames(all.map((one) => withoutSlash(one.path)));
  const weeklyPath = `${run.stateDir}/collect/weekly.json`;
  const weeks = new Map(await readWeekly(weeklyPath));
  const isDir = (item: CollectFile | CollectDir): item is CollectDir => 'linkDepth' in item;

  function told(level: PoolEvent['level'], deed: PoolEvent['deed'], text: string, path: string): PoolEvent {
    return { kind: 'pool', action: 'collect', level, deed, text, path };
  }

  async function* archive(
    item: CollectFile | CollectDir,
    path: string,
    entries: Iterable<Collected>,
  ): AsyncGenerator<PoolEvent> {
    const name = names.nameFor(path);
    const { staged, pending } = baselinePaths(run.stateDir, name);
    let baseline = item.mode === 'incr' ? openBaseline(staged) : undefined;
    if (baseline !== undefined && (full || startsToday || baseline.weekOf < thisWeek)) {
      if (!full && !startsToday) {
        const text = `The week began without [${displayName(path)}]: collecting all of it.`;
        yield told('info', 'told', text, path);
      }
      baseline.close();
      baseline = undefined;
    }
    if (item.mode === 'incr' && baseline === undefined) yield* ofCedar(path);
    yield told('info', 'begun', `Collecting [${displayName(path)}].`, path);
    const target = `${withoutSlash(section.collectDir)}/${name}${archiveEndings[item.archiveMode]}`;
    const remembered = item.mode === 'incr' ? await writeBaseline(files, pending, thisWeek) : undefined;
    try {
      const { archiveMode } = item;
      yield* collectArchive(run, { path, target, archiveMode, entries, baseline, remembered, owner });
      await remembered?.publish();
    } finally {
      await remembered?.discard();
      baseline?.close();
    }
  }

  /** What Cedar Backup remembered says what was collected, not what arrived. */
  function* ofCedar(path: string): Generator<PoolEvent> {
    const state = `${withoutSlash(run.configuration.options.workingDir)}/${archiveStem(path)}.sha`;
    if (lstatSync(fsPath(state), { throwIfNoEntry: false }) === undefined) return;
    const text = `[${displayName(state)}] of Cedar Backup is not read: all of [${displayName(path)}] is collected once, and then what is new.`;
    yield told('info', 'told', text, path);
  }

  async function* directory(dir: CollectDir, path: string, level: number): AsyncGenerator<PoolEvent> {
    const excluded = exclusionsOf(section, dir);
    const ignored = (one: string) => lstatSync(fsPath(`${one}/${dir.ignoreFile}`), { throwIfNoEntry: false });
    const apart =
      level > 0 && excluded(path) === undefined && ignored(path) === undefined
        ? subdirectoriesOf(path).filter((one) => excluded(one) === undefined && ignored(one) === undefined)
        : [];
    for (const one of apart) yield* directory(dir, one, level - 1);
    const { ignoreFile, linkDepth, dereference } = dir;
    const walk = { excluded, ignoreFile, linkDepth, dereference, apart: new Set(apart) };
    yield* archive(dir, path, walkCollected(path, walk));
  }

  return {
    async *collect(item) {
      const path = withoutSlash(item.path);
      if (item.mode === 'weekly') {
        const due = weeklyDue(startsToday, full, thisWeek, weeks.get(path));
        if (due === 'no') {
          if (!weeks.has(path)) weeks.set(path, thisWeek);
          yield told('debug', 'skipped', `[${displayName(path)}] is collected on the first day of the week.`, path);
          return;
        }
        if (due === 'missed') {
          yield told('info', 'told', `The week began without [${displayName(path)}]: collecting it now.`, path);
        }
      }
      if (isDir(item)) {
        requireDirectory(path);
        yield* directory(item, path, item.recursionLevel);
      } else yield* archive(item, path, [fileEntry(path)]);
      if (item.mode === 'weekly') weeks.set(path, thisWeek);
    },
    rememberWeeks: () => writeWeekly(files, weeklyPath, weeks),
  };
}

function requireDirectory(path: string): void {
  try {
    if (statSync(fsPath(path)).isDirectory()) return;
  } catch (error) {
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  }
  throw new StowageError('refused', `'${displayName(path)}' is not a directory`);
}
