import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runCli, startCli } from '../built-cli.ts';
import { collect, type SmallPool, smallPool } from '../small-pool.ts';
import { until } from '../waiting.ts';

const largeBytes = 96 * 1024 * 1024;
const large = ['a.tar', 'b.tar', 'c.tar'];
const small = Array.from({ length: 150 }, (_, at) => `small-${at}`);

/** A local peer with large files, which are copied two at a time, and small ones in groups. */
async function poolWithLarge(): Promise<SmallPool> {
  const pool = await smallPool([{ name: 'one' }]);
  const from = pool.collectDir('one');
  collect(from, Object.fromEntries([...small, ...large].map((name) => [name, `content of ${name}`])));
  // A hole of another length in each.
  for (const [at, name] of large.entries()) truncateSync(`${from}/${name}`, largeBytes + at);
  return pool;
}

/** The files of any day below a folder, by name. */
function filesBelow(folder: string): ReadonlyMap<string, string> {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return new Map(all.map((one) => [one.name, `${one.parentPath}/${one.name}`]));
}
const bytesOf = (path: string | undefined) =>
  path === undefined ? -1 : (statSync(path, { throwIfNoEntry: false })?.size ?? -1);
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

const moments: Readonly<Record<string, (there: ReadonlyMap<string, string>) => boolean>> = {
  'a large file is begun': (there) => large.some((name) => there.has(name)),
  'two are under way': (there) => large.filter((name) => bytesOf(there.get(name)) > 0).length > 1,
  'one is whole': (there) => large.some((name) => bytesOf(there.get(name)) >= largeBytes),
};

/** A pool whose staging was killed then: one that ended sooner than anybody looked is tried again. */
async function killedWhen(is: (there: ReadonlyMap<string, string>) => boolean) {
  for (;;) {
    const pool = await poolWithLarge();
    const words = ['pool', 'stage', `${pool.folder}/cback3.conf`];
    const { child, ended } = startCli(words);
    await until('the moment', () => is(filesBelow(pool.stagingDir)) || child.exitCode !== null);
    child.kill('SIGKILL');
    const { status, err } = await ended;
    const shown = readdirSync(pool.stagingDir).filter((name) => !name.startsWith('.'));
    const inDay = shown.flatMap((year) => [...filesBelow(`${pool.stagingDir}/${year}`).values()]);
    if (status === null && inDay.length < large.length + small.length) return { pool, words, shown };
    expect(status ?? 0, err).toBe(0);
  }
}

beforeAll(() => void builtCli());

test.each(Object.entries(moments))(
  'killed by SIGKILL when %s: nothing is in the day, and the next run is whole',
  async (_, is) => {
    const { pool, words, shown } = await killedWhen(is);
    expect(shown).toEqual([]);
    expect(existsSync(`${pool.collectDir('one')}/cback.stage`)).toBe(false);

    expect(await runCli(...words)).toMatchObject({ status: 0 });
    const staged = filesBelow(pool.stagingDir);
    for (const name of [...large, ...small]) {
      const [from, to] = [`${pool.collectDir('one')}/${name}`, staged.get(name)!];
      expect(sha256(to), name).toBe(sha256(from));
      expect(Math.trunc(statSync(to).mtimeMs), name).toBe(Math.trunc(statSync(from).mtimeMs));
    }
    // The work folder is gone.
    expect(readdirSync(pool.stagingDir).filter((name) => name.startsWith('.'))).toEqual([]);
  },
);
