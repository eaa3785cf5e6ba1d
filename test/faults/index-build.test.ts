import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runCli, runProgram } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { manyMembers, recordMany } from '../many-recorded.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type SmallProject, section, smallProject } from '../small-project.ts';

const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const canMount =
  (await runProgram('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;

let main: string;
beforeAll(() => {
  main = builtCli();
});

const last = `image_${manyMembers - 1}.fits`;
const found = new RegExp(`^raw/\\d+/${last} `);

async function recorded(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  recordMany(small);
  return small;
}

const inWork = (small: SmallProject) => {
  const folder = join(small.state, 'work');
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
};

/** A search that stands still while it makes the index: the database is begun, and the first rows for it are. */
async function indexing(small: SmallProject) {
  const held = await heldCli(small.folder, [join(small.state, 'work'), 'members.csv'], ['find', small.config, last]);
  expect(inWork(small).some((name) => name.endsWith('members.duckdb'))).toBe(true);
  return held;
}

test('killed by SIGKILL while the index is made: nothing of it is used, the next search finds, and nothing stays behind', async () => {
  const small = await recorded();
  const killed = await indexing(small);
  killed.child.kill('SIGKILL');
  expect(await killed.ended).toMatchObject({ status: null, out: '' });
  expect(existsSync(join(small.state, 'index', section, 'members.json'))).toBe(false);
  expect(inWork(small)).not.toEqual([]);
  const next = await runCli('find', small.config, last);
  expect(next).toMatchObject({ status: 0, out: expect.stringMatching(found), err: '' });
  expect(inWork(small)).toEqual([]);
  const files = readdirSync(join(small.state, 'index', section)).filter((name) => name.startsWith('members'));
  expect(files.length).toBe(2);
});

test('stopped by SIGINT while the index is made: exit 130, nothing stays behind, and the next search finds', async () => {
  const small = await recorded();
  const stopped = await indexing(small);
  stopped.child.kill('SIGINT');
  stopped.goOn();
  expect(await stopped.ended).toMatchObject({ status: 130, out: '' });
  expect(inWork(small)).toEqual([]);
  expect(await runCli('find', small.config, last)).toMatchObject({ status: 0, out: expect.stringMatching(found) });
});

needing(canMount).test(
  'without space for the index: exit 4 with a hint, nothing stays behind, and the same command finds once there is room',
  async () => {
    const small = await recorded();
    // The journals lie elsewhere: only what is derived from them comes to lie on the small disk.
    renameSync(join(small.state, 'journal'), join(small.folder, 'journal'));
    const disk = join(small.folder, 'disk');
    mkdirSync(disk);
    const script = `
      cd "$1" || exit 90
      mount -t tmpfs -o size=4m small-disk disk || exit 91
      mkdir disk/state && ln -s "$1/journal" disk/state/journal || exit 92
      find() { "$2" "$3" find config.json "$4" --state disk/state >$5.out 2>$5.err; echo $? >$5.status; }
      find "$1" "$2" "$3" "$4" full
      "$2" "$3" restore config.json data raw/0 --to back --state disk/state >back.out 2>back.err; echo $? >back.status
      ls -R disk/state/work disk/state/index >left 2>/dev/null
      mount -o remount,size=200m disk || exit 93
      find "$1" "$2" "$3" "$4" grown
    `;
    const args = [...unshare, 'sh', '-c', script, 'sh', small.folder, process.execPath, main, last];
    expect(await runProgram('unshare', args)).toEqual({ status: 0, out: '', err: '' });
    const said = (name: string) => readFileSync(join(small.folder, name), 'utf8');
    expect([said('full.status'), said('full.out')]).toEqual(['4\n', '']);
    expect(said('full.err')).toMatch(/no space left/);
    expect(said('full.err')).toContain('free some space');
    // A restore looks into the journals themselves: it comes as far as the archive, which is none.
    expect(said('back.err')).toContain('the archive ends too early');
    expect(said('back.err')).not.toMatch(/no space left/);
    expect(said('left')).not.toMatch(/duckdb|csv|members\.json/);
    expect([said('grown.status'), said('grown.err')]).toEqual(['0\n', '']);
    expect(said('grown.out')).toMatch(found);
  },
);
