import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { copyFiles } from '../../src/grid/copy/copy-files.ts';
import type { CopyJob } from '../../src/grid/copy/copy-job.ts';
import { type CopyStand, copyStand, ends, heldBy, homeOf, journalsOf, namesIn, notesIn } from '../copies.ts';
import { needing } from '../needing.ts';
import { until } from '../waiting.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);

const entry = fileURLToPath(new URL('../../dist/grid.mjs', import.meta.url));

/** Copies what is listed in a file, and says each thing that becomes of it. */
const program = `
import { readFileSync } from 'node:fs';
import { connect, copyFiles, copyParts } from ${JSON.stringify(entry)};
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
const session = connect();
const parts = await copyParts(session);
for await (const event of copyFiles(parts, JSON.parse(readFileSync(process.argv[2], 'utf8')), { signal: stopping.signal })) {
  if (event.kind !== 'moved') console.log(event.kind);
}
parts.close();
await session.close();
`;

const many = 100;

/** Begins the copies in a process of their own. */
function started(stand: CopyStand, jobs: readonly CopyJob[]) {
  const [script, list] = [join(stand.folder, 'copy.mjs'), join(stand.folder, 'jobs.json')];
  writeFileSync(script, program);
  writeFileSync(list, JSON.stringify(jobs));
  const env = { ...process.env, ...stand.grid.env };
  const child = spawn(process.execPath, [script, list], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, ended: once(child, 'exit') };
}

/** Runs the copies in a process of their own and sends it a signal when so many files are copied. */
async function signalled(
  stand: CopyStand,
  jobs: readonly CopyJob[],
  copied: number,
  signal: NodeJS.Signals,
  ready: () => Promise<void> = async () => undefined,
) {
  const { child, ended } = started(stand, jobs);
  const seen: string[] = [];
  let isSent = false;
  for await (const line of createInterface(child.stdout!)) {
    seen.push(line);
    if (isSent || seen.filter((kind) => kind === 'copied').length < copied) continue;
    isSent = true;
    await ready();
    child.kill(signal);
  }
  const [status, by] = await ended;
  return { seen, status, by };
}

test.each([
  [1, false],
  [40, true],
  [75, false],
])(
  'a hundred uploads, killed after %d, and again: each is stored and committed once (the commits that were not answered were run: %s)',
  async (copied, does) => {
    const stand = await copyStand([{ name: 'ONE' }]);
    const jobs = Array.from({ length: many }, (_, index) => stand.upload(`file ${index}`, `content ${index}`));
    stand.grid.central.setFaults([{ command: 'commit', skip: copied, do: { kind: 'stall', does } }]);
    // So many are stored, and wait for the answer to their commit.
    const waiting = 3;
    const { requests } = stand.grid.central;
    const { by, seen } = await signalled(stand, jobs, copied, 'SIGKILL', () =>
      until('commits wait', () => requests.filter(({ command }) => command === 'commit').length >= copied + waiting),
    );
    expect(by).toBe('SIGKILL');
    expect(seen.filter((kind) => kind === 'copied').length).toBeGreaterThanOrEqual(copied);
    expect(namesIn(stand).length).toBeLessThan(many);
    expect(notesIn(stand)).toHaveLength(1);
    stand.grid.central.setFaults([]);
    const before = stand.grid.central.requests.length;

    const events = await stand.copy(jobs);
    const kinds = Object.values(ends(events)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'copied' || kind === 'present')).toHaveLength(many);
    const { catalogue } = stand.grid.central.world;
    expect(namesIn(stand)).toHaveLength(many);
    const guids = jobs.map(({ lfn }) => catalogue.get(lfn)!.guid);
    expect(jobs.every(({ lfn }) => catalogue.get(lfn)!.replicas.length === 1)).toBe(true);
    expect([...heldBy(stand, 'ONE')].sort()).toEqual(guids.sort());
    // Nothing is committed twice, and what was stored is not sent again.
    const later = stand.grid.central.requests.slice(before);
    const commits = later.filter(({ command }) => command === 'commit').map(({ options }) => options[2]);
    expect(new Set(commits).size).toBe(commits.length);
    if (!does) expect(events.filter(({ kind }) => kind === 'settled').length).toBeGreaterThanOrEqual(waiting);
    expect(notesIn(stand)).toEqual([]);
  },
);

test('killed while its server has not read yet what it sent, which comes in the middle of the next run: nothing is left of it', async () => {
  const stand = await copyStand([{ name: 'ONE', line: {} }]);
  const relay = stand.grid.element('ONE').relay!;
  const noted = () => notesIn(stand).map((name) => readFileSync(join(journalsOf(stand), name), 'utf8'));
  await started(stand, [stand.upload('undisturbed', 'content')]).ended;
  const most = Math.max(...relay.passed.map(({ up }) => up));
  let late = 0;
  for (let bytes = 0; bytes < most; bytes += 40) {
    const when = `held at ${bytes} of ${most} bytes`;
    const job = stand.upload(when, 'content');
    const first = relay.passed.length;
    relay.setHarm({ direction: 'up', bytes, do: 'hold', times: 1 });
    const { child, ended } = started(stand, [job]);
    await until('it is noted', () => noted().some((text) => text.includes('"booked"')));
    await until('something is held', () => relay.passed.slice(first).some(({ up }) => up > bytes));
    child.kill('SIGKILL');
    await ended;
    for await (const event of copyFiles(stand.parts, [job])) {
      if (event.kind !== 'copied') continue;
      const { length } = heldBy(stand, 'ONE');
      relay.setHarm(undefined);
      // Ours is open still.
      await until('the server has read it', () => relay.connections.open === 1);
      if (heldBy(stand, 'ONE').length > length) late += 1;
    }
    const { catalogue } = stand.grid.central.world;
    const guids = namesIn(stand).map((name) => catalogue.get(`${homeOf(stand.grid)}/${name}`)!.guid);
    expect(heldBy(stand, 'ONE').toSorted(), when).toEqual(guids.toSorted());
    expect(notesIn(stand), when).toEqual([]);
  }
  expect(late).toBeGreaterThan(0);
});

test('very many uploads, interrupted: what was begun is ended, and the rest is left for another time', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const one = stand.upload('file', 'content');
  const jobs = Array.from({ length: 5000 }, (_, index) => ({ ...one, lfn: `${one.lfn} ${index}` }));
  const { seen, status } = await signalled(stand, jobs, 10, 'SIGINT');
  const count = (kind: string) => seen.filter((each) => each === kind).length;
  expect([status, count('failed')]).toEqual([0, 0]);
  expect(count('copied')).toBe(count('started'));
  expect(count('copied')).toBeLessThan(jobs.length);
  expect(namesIn(stand)).toHaveLength(count('copied'));
  expect(heldBy(stand, 'ONE')).toHaveLength(count('copied'));
  expect(notesIn(stand)).toEqual([]);
});
