import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { archiveStem } from '../../src/pool/collect/archive-names.ts';
import { executeCollect } from '../../src/pool/collect/collect.ts';
import type { PoolRun } from '../../src/pool/pool-run.ts';
import { executePurge } from '../../src/pool/purge/purge.ts';
import { countingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { eventsOf, poolConfiguration, runOf, wednesday } from '../pool-run.ts';
import { scratchFolder } from '../scratch-folder.ts';

const sections = `<collect><collect_dir>@ROOT@/collect</collect_dir><collect_mode>incr</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>@ROOT@/src</abs_path></dir></collect>
<stage><staging_dir>@ROOT@/stage</staging_dir><peer><name>p</name><type>local</type><collect_dir>@ROOT@/collect</collect_dir></peer></stage>
<purge><dir><abs_path>@ROOT@/stage</abs_path><retain_days>0</retain_days></dir><dir><abs_path>@ROOT@/collect</abs_path><retain_days>0</retain_days></dir></purge>`;

/** A machine that was collected and staged once; then something changed. */
async function machine(): Promise<{ readonly root: string; readonly run: PoolRun }> {
  const root = await scratchFolder();
  for (const name of ['work', 'collect', 'src', 'stage']) mkdirSync(`${root}/${name}`);
  for (const name of ['src/a', 'src/b']) writeFileSync(`${root}/${name}`, 'old');
  const run = runOf(poolConfiguration(root, sections));
  await eventsOf(executeCollect(run));
  stage(root);
  writeFileSync(`${root}/src/b`, 'new!');
  return { root, run };
}

/** As a master does that has staged what is there. */
function stage(root: string): void {
  const later = new Date(Date.now() + 60_000);
  writeFileSync(`${root}/collect/cback.stage`, '');
  utimesSync(`${root}/collect/cback.stage`, later, later);
}

/** The process that held the locks lives on: it is ours. */
function unlock(root: string): void {
  const state = `${root}/work/.stowage`;
  if (!existsSync(state)) return;
  for (const name of readdirSync(state, { recursive: true, encoding: 'utf8' })) {
    if (/(^|[/.])lock(\.|$)/.test(name)) unlinkSync(`${state}/${name}`);
  }
}

/** What is in the archives; throws where one is not whole. */
function archives(root: string): Readonly<Record<string, string>> {
  const names = readdirSync(`${root}/collect`).filter((name) => name.endsWith('.tar'));
  return Object.fromEntries(
    names.map((name) => {
      const listed = execFileSync('tar', ['-xOf', `${root}/collect/${name}`], { encoding: 'utf8' });
      return [name.replace(archiveStem(root), 'R'), listed];
    }),
  );
}

const done = { 'R-src.tar': 'new!' };

test('collect, killed at any step: no half archive, no indicator of what is not there, and the next run makes the same', async () => {
  const whole = await machine();
  const counted = countingFiles(realFiles);
  await eventsOf(executeCollect({ ...whole.run, files: counted.files }));
  expect(archives(whole.root)).toEqual(done);
  const before = { 'R-src.tar': 'oldold' };

  for (let step = 1; step <= counted.steps(); step += 1) {
    const { root, run } = await machine();
    const killed = eventsOf(executeCollect({ ...run, files: killedFiles(realFiles, { at: step }) }));
    await expect(killed, `step ${step}`).rejects.toSatisfy(isKilled);
    const left = archives(root);
    for (const [name, content] of Object.entries(left)) {
      expect([before[name as keyof typeof before], done[name as keyof typeof done]], `step ${step}`).toContain(content);
    }
    const claims = existsSync(`${root}/collect/cback.collect`) && !existsSync(`${root}/collect/cback.stage`);
    if (claims) expect(left, `step ${step}: ${counted.log[step - 1]}`).toEqual(done);
    unlock(root);
    await eventsOf(executeCollect(run));
    expect(archives(root), `step ${step}: ${counted.log[step - 1]}`).toEqual(done);
    expect(readdirSync(`${root}/collect`).filter((name) => name.startsWith('.'))).toEqual([]);
  }
});

test('purge, killed at any step: what has no copy stays, and the next run removes the rest', async () => {
  const grown = async () => {
    const { root, run } = await machine();
    for (const day of ['16', '17']) {
      mkdirSync(`${root}/stage/2026/11/${day}/p`, { recursive: true });
      for (const name of ['p/a.tar', 'p/b.tar', 'cback.stage'])
        writeFileSync(`${root}/stage/2026/11/${day}/${name}`, '');
    }
    writeFileSync(`${root}/stage/2026/11/16/cback.store`, '');
    const later = new Date(wednesday.getTime() + 10 * 86_400_000);
    utimesSync(`${root}/stage/2026/11/16/cback.store`, later, later);
    return { root, run };
  };
  const counted = countingFiles(realFiles);
  const whole = await grown();
  await eventsOf(executePurge({ ...whole.run, files: counted.files }));
  const left = (root: string) => readdirSync(`${root}/stage`, { recursive: true }).sort();
  const expected = [
    '2026',
    '2026/11',
    '2026/11/17',
    '2026/11/17/cback.stage',
    '2026/11/17/p',
    '2026/11/17/p/a.tar',
    '2026/11/17/p/b.tar',
  ];
  expect(left(whole.root)).toEqual(expected);

  for (let step = 1; step <= counted.steps(); step += 1) {
    const { root, run } = await grown();
    const killed = eventsOf(executePurge({ ...run, files: killedFiles(realFiles, { at: step }) }));
    // What cannot be removed is told; the end of our process ends even that.
    await killed.catch((error) => expect(isKilled(error)).toBe(true));
    unlock(root);
    await eventsOf(executePurge(run));
    expect(left(root), `step ${step}: ${counted.log[step - 1]}`).toEqual(expected);
    // An indicator that says of nothing that it was staged; the next collect removes it.
    expect([[], ['cback.stage']], `step ${step}`).toContainEqual(readdirSync(`${root}/collect`));
    // Nothing is collected again that is staged.
    await eventsOf(executeCollect(run));
    expect(archives(root), `step ${step}: ${counted.log[step - 1]}`).toEqual(done);
  }
});

test('what is remembered of a collect lies in lines that say what they are', async () => {
  const { root, run } = await machine();
  await eventsOf(executeCollect(run));
  const state = `${root}/work/.stowage/collect`;
  for (const name of readdirSync(state).filter((one) => one.endsWith('.jsonl'))) {
    const [head] = readFileSync(`${state}/${name}`, 'utf8').split('\n');
    expect(JSON.parse(head!)).toMatchObject({ format: 'stowage-pool-baseline', version: 2, weekOf: '2026/11/16' });
  }
});
