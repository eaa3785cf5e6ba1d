import { readFile } from 'node:fs/promises';
import { makeFolder } from '../../durable/folder.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { CollectMode } from '../configuration/collect-mode.ts';
import type { PoolRun } from '../pool-run.ts';
import { calendarDay, dayPath, startsWeek, weekStart } from '../week.ts';

/** How far something was collected: a revision, a date. */
export interface Remembered {
  /** The first day of the week in which it was collected as a whole: `YYYY/MM/DD`. */
  readonly weekOf: string;
  readonly last: string;
}

/** Whether something is collected today, and since when. */
export interface Turn {
  readonly due: boolean;
  /** Where the last staged one ended; undefined for everything. */
  readonly since: string | undefined;
  /** Remembers how far it came; that counts once it is staged. */
  remember(last: string): Promise<void>;
}

/** The turn of one thing, by its name in a folder of the state. What was remembered must be settled before (collect/memory.ts). */
export async function turnOf(run: PoolRun, folder: string, name: string, mode: CollectMode): Promise<Turn> {
  const { startingDay } = run.configuration.options;
  const today = calendarDay(run.clock.now());
  const isStart = run.full || startsWeek(today, startingDay);
  const weekOf = dayPath(weekStart(today, startingDay));
  const path = `${run.stateDir}/${folder}/${name}`;
  const known = mode === 'incr' && !isStart ? await readRemembered(`${path}.staged.jsonl`) : undefined;
  return {
    due: mode !== 'weekly' || isStart,
    since: known !== undefined && known.weekOf >= weekOf ? known.last : undefined,
    async remember(last) {
      if (mode !== 'incr') return;
      await makeFolder(run.files, `${run.stateDir}/${folder}`);
      const text = `${JSON.stringify({ weekOf, last })}\n`;
      await writeWhole(run.files, `${path}.pending.jsonl`, text, { replace: true, mode: 0o600 });
    },
  };
}

async function readRemembered(path: string): Promise<Remembered | undefined> {
  try {
    const { weekOf, last } = JSON.parse(await readFile(fsPath(path), 'utf8'));
    return typeof weekOf === 'string' && typeof last === 'string' ? { weekOf, last } : undefined;
  } catch (error) {
    // Damaged, it counts for nothing: then everything is collected.
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}
