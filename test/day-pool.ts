import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { openDayArchives } from '../src/days/open-day-archives.ts';
import type { PoolRun } from '../src/pool/pool-run.ts';
import { executeStage } from '../src/pool/staging/execute-stage.ts';
import { eventsOf, poolConfiguration, runOf } from './pool-run.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A pool with two local peers, whose days are stored; for the running test. */
export interface DayPool {
  readonly root: string;
  /** A run at noon of a day in November 2026; the 16th is a Monday, on which the week begins. */
  on(day: number, changes?: Partial<PoolRun>): PoolRun;
  /** Has a peer collect these files, and stages them on that day. */
  stage(day: number, peer: string, contents: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  dayFolder(day: number): string;
  /** True if the day is marked, and nothing was staged after that. */
  isStored(day: number): boolean;
}

/** Makes such a pool; `store` is its section store but for the source directory, `more` comes behind it. `@ROOT@` is its folder. */
export async function dayPool(store: string, more = ''): Promise<DayPool> {
  const root = await scratchFolder();
  for (const name of ['work', 'stage', 'one', 'two']) mkdirSync(`${root}/${name}`);
  const peers = ['one', 'two'].map(
    (name) =>
      `<peer><name>${name}</name><type>local</type><collect_dir>@ROOT@/${name}</collect_dir><ignore_failures>all</ignore_failures></peer>`,
  );
  const sections = `<stage><staging_dir>@ROOT@/stage</staging_dir>${peers.join('')}</stage><store>${store}<source_dir>@ROOT@/stage</source_dir></store>${more}`;
  const configuration = poolConfiguration(root, sections);
  const dayFolder = (day: number) => `${root}/stage/2026/11/${String(day).padStart(2, '0')}`;
  const on: DayPool['on'] = (day, changes = {}) =>
    runOf(configuration, { now: new Date(2026, 10, day, 12), openArchives: openDayArchives, ...changes });
  return {
    ...{ root, on, dayFolder },
    async stage(day, peer, contents) {
      for (const name of ['one', 'two']) {
        const ready = `${root}/${name}/cback.collect`;
        if (name === peer) writeFileSync(ready, '');
      }
      for (const [name, content] of Object.entries(contents)) writeFileSync(`${root}/${peer}/${name}`, content);
      await eventsOf(executeStage(on(day), { retries: 0 }));
    },
    isStored(day) {
      const [stage, store] = ['stage', 'store'].map((name) => `${dayFolder(day)}/cback.${name}`);
      if (!existsSync(store!)) return false;
      const time = (path: string) => statSync(path, { bigint: true }).mtimeNs;
      return time(store!) >= time(stage!);
    },
  };
}
