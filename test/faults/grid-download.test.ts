import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { CopyOptions } from '../../src/grid/copy/copy-options.ts';
import { runProgram } from '../built-cli.ts';
import { type CopyStand, copyStand, ends } from '../copies.ts';
import { needing } from '../needing.ts';
import { until } from '../waiting.ts';
import { hasXrootd } from '../xrootd-servers.ts';

/** Root may mount in a name space of its own; anybody else needs one of users too. */
const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const canMount =
  (await runProgram('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;
const { test } = needing(hasXrootd);
const { test: testFull } = needing(hasXrootd && canMount);

const entry = fileURLToPath(new URL('../../dist/grid.mjs', import.meta.url));

/** Copies what is listed in a file, and says what becomes of each. */
const program = `
import { readFileSync } from 'node:fs';
import { connect, copyFiles, copyParts } from ${JSON.stringify(entry)};
const { jobs, options } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const session = connect();
const parts = await copyParts(session);
for await (const event of copyFiles(parts, jobs, options)) {
  if (['copied', 'present', 'failed'].includes(event.kind)) {
    console.log([event.kind, event.reason?.code ?? '', event.job.local.split('/').at(-1), event.reason?.message ?? ''].join(' '));
  }
}
parts.close();
await session.close();
`;

function downloads(lfns: readonly string[], folder: string) {
  return lfns.map((lfn) => ({
    kind: 'download' as const,
    lfn,
    local: join(folder, lfn.split('/').at(-1)!),
    where: [],
  }));
}

/** The command line that copies, as a process of its own. */
function copying(stand: CopyStand, jobs: readonly unknown[], options: CopyOptions = {}): readonly string[] {
  const [script, list] = [join(stand.folder, 'copy.mjs'), join(stand.folder, 'jobs.json')];
  writeFileSync(script, program);
  writeFileSync(list, JSON.stringify({ jobs, options }));
  return [process.execPath, script, list];
}

test('downloads that are killed, and again: what has its name is whole, and the next run ends it and clears up', async () => {
  const stand = await copyStand([
    { name: 'NEAR' },
    { name: 'FAR', line: { harm: { direction: 'down', bytes: 3 << 20, do: 'stall' } } },
  ]);
  const here = join(stand.folder, 'here');
  const contents = new Map(Array.from({ length: 60 }, (_, at) => [`small${at}`, randomBytes(2000 + at)]));
  contents.set('large', randomBytes(6 << 20));
  const lfns = [...contents].map(([name, bytes]) => stand.grid.plant(name, bytes, name === 'large' ? 'FAR' : 'NEAR'));
  const jobs = downloads(lfns.toReversed(), here);
  const [node, ...args] = copying(stand, jobs, { chunkBytes: 1 << 19 });
  const child = spawn(node!, args, {
    env: { ...process.env, ...stand.grid.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const arriving = () => readdirSync(here).filter((name) => name.startsWith('.stowage-arriving-'));
  let copied = 0;
  for await (const line of createInterface(child.stdout)) {
    expect(line).toMatch(/^copied/);
    copied += 1;
    if (copied !== 20) continue;
    await until('the large file is on its way', () =>
      arriving().some((name) => statSync(join(here, name)).size > 1 << 20),
    );
    child.kill('SIGKILL');
  }
  expect((await ended)[1]).toBe('SIGKILL');
  const names = readdirSync(here).filter((name) => !name.startsWith('.'));
  expect(names.length).toBeGreaterThanOrEqual(20);
  expect(names).not.toContain('large');
  for (const name of names) expect(readFileSync(join(here, name)).equals(contents.get(name)!), name).toBe(true);
  expect(arriving()).not.toEqual([]);

  stand.grid.element('FAR').relay!.setHarm(undefined);
  const again = ends(await stand.copy(jobs));
  for (const [name, bytes] of contents) {
    expect(again[name]!.kind).toBe(names.includes(name) ? 'present' : 'copied');
    expect(readFileSync(join(here, name)).equals(bytes), name).toBe(true);
  }
  expect(readdirSync(here).toSorted()).toEqual([...contents.keys()].toSorted());
});

testFull(
  'a disk that fills up: what fits is whole, the others are told, what was there stays, and nothing is left of them',
  async () => {
    const stand = await copyStand([{ name: 'ONE' }]);
    const disk = join(stand.folder, 'disk');
    const kept = join(stand.folder, 'kept');
    mkdirSync(disk);
    const contents = new Map(Array.from({ length: 8 }, (_, at) => [`small${at}`, randomBytes(300_000)]));
    contents.set('large', randomBytes(4 << 20));
    const lfns = [...contents].map(([name, bytes]) => stand.grid.plant(name, bytes));
    const command = copying(stand, downloads(lfns.toReversed(), disk), { different: 'replace', jobs: 1 });
    const script = `
    mount -t tmpfs -o size=2m small-disk "$1" || exit 91
    printf old >"$1/large"
    "$3" "$4" "$5" || exit 92
    cp -a "$1" "$2"
  `;
    const args = [...unshare, 'sh', '-c', script, 'sh', disk, kept, ...command];
    const { status, out, err } = await runProgram('unshare', args, stand.grid.env);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(contents.size);
    expect(lines[0]).toMatch(/^failed full large .*no space left on the device/);
    const copied = lines.filter((line) => line.startsWith('copied')).map((line) => line.split(' ')[2]!);
    expect(copied.length).toBeGreaterThanOrEqual(5);
    expect(copied.length).toBeLessThan(8);
    expect(readFileSync(join(kept, 'large'), 'utf8')).toBe('old');
    expect(readdirSync(kept).toSorted()).toEqual(['large', ...copied].toSorted());
    for (const name of copied) expect(readFileSync(join(kept, name)).equals(contents.get(name)!), name).toBe(true);
  },
);
