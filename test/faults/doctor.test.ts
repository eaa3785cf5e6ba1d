import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtCli, runCli, runProgram } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { needing } from '../needing.ts';
import { filesBelow } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type SmallProject, smallProject } from '../small-project.ts';

const isRoot = process.getuid?.() === 0;
const unshare = isRoot ? ['-m'] : ['-rm'];
const canMount =
  (await runProgram('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;

let main: string;
beforeAll(() => {
  main = builtCli();
});

/** The scratch folders of doctor. */
function scratchesIn(small: SmallProject): readonly string[] {
  const places = [small.folder, join(small.vault, '.stowage/tmp')].filter((place) => existsSync(place));
  return places.flatMap((place) => readdirSync(place)).filter((name) => name.startsWith('.stowage-doctor-'));
}

/** One that is held with a file in its scratch folder. */
const examining = (small: SmallProject) => heldCli(small.folder, ['.stowage-doctor-'], ['doctor', small.config]);

describe('an examination that is stopped', () => {
  test.each([['SIGINT', 130] as const, ['SIGTERM', 130] as const])(
    'by %s removes what it made',
    async (signal, status) => {
      const small = smallProject(await scratchFolder());
      const { child, ended, goOn } = await examining(small);
      expect(scratchesIn(small)).not.toEqual([]);
      child.kill(signal);
      goOn();
      expect(await ended).toMatchObject({ status, err: expect.stringContaining('interrupted') });
      expect(scratchesIn(small)).toEqual([]);
      expect(filesBelow(small.vault)).toEqual({});
    },
  );

  test('by SIGKILL leaves what the next one removes', async () => {
    const small = smallProject(await scratchFolder());
    for (let round = 0; round < 2; round += 1) {
      const { child, ended } = await examining(small);
      expect(scratchesIn(small)).not.toEqual([]);
      child.kill('SIGKILL');
      expect((await ended).status).toBe(null);
    }
    expect(await runCli('doctor', small.config)).toMatchObject({ status: 0, err: '' });
    expect(scratchesIn(small)).toEqual([]);
    expect(filesBelow(small.vault)).toEqual({});
  });
});

needing(canMount).test('on a disk that is full: problems, and nothing is left', async () => {
  const small = smallProject(await scratchFolder());
  mkdirSync(join(small.folder, 'disk'));
  const config = JSON.parse(JSON.stringify({ root: join(small.folder, 'root'), store: 'dir:disk/vault' }));
  writeFileSync(small.config, JSON.stringify({ __config__: config, data: { __exclude__: [] } }));
  const script = `
    mount -t tmpfs -o size=256k small-disk "$1/disk" || exit 91
    mkdir "$1/disk/vault" "$1/disk/state"
    head -c 1000000 /dev/zero >"$1/disk/fill" 2>"$1/fill"
    "$2" "$3" doctor "$1/config.json" --state "$1/disk/state"
    status=$?
    find "$1/disk" >"$1/left"
    exit $status`;
  const ended = await runProgram('unshare', [
    ...unshare,
    'sh',
    '-c',
    script,
    'sh',
    small.folder,
    process.execPath,
    main,
  ]);
  expect(ended.err).toMatch(/problem {2}space: 0 KiB free for the state folder/);
  expect(ended.err).toMatch(/problem {2}space: 0 KiB free for the store/);
  expect(ended.err).toMatch(/problem {2}writable: cannot write to the store .*: no space left on the device/);
  expect([1, 4]).toContain(ended.status);
  expect(readFileSync(join(small.folder, 'left'), 'utf8')).not.toContain('doctor');
});

needing(!isRoot || (await runProgram('setpriv', ['--version']).catch(() => undefined))?.status === 0).describe(
  'as an ordinary user',
  () => {
    test('a root that may not be read is exit 4, a store that may not be written exit 1', async () => {
      const small = smallProject(await scratchFolder());
      for (const folder of [small.folder, small.vault]) chmodSync(folder, 0o755);
      const ordinary = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
      const doctor = () => {
        const [program, ...rest] = [...ordinary, process.execPath, main, 'doctor', small.config];
        return runProgram(program!, rest);
      };
      if (isRoot) {
        const foreign = await doctor();
        expect(foreign.status).toBe(1);
        expect(foreign.err).toMatch(
          /problem {2}writable: cannot write to the store .*: permission denied\n {2}hint: make it/,
        );
        expect(foreign.err).toMatch(
          /problem {2}writable: cannot write to the state folder .*\n {2}hint: .* --state DIR/,
        );
      }
      mkdirSync(join(small.vault, 'data'));
      chmodSync(join(small.vault, 'data'), 0o555);
      const sections = await doctor();
      expect(sections.status).toBe(1);
      expect(sections.err).toMatch(
        /problem {2}store-folders: no archive can get its name in '.*vault\/data': permission denied/,
      );
      chmodSync(join(small.tree, 'raw'), 0o000);
      expect((await doctor()).err).toMatch(/unseen {3}root: cannot read '.*\/raw': permission denied/);
      chmodSync(join(small.tree, 'raw'), 0o755);
      chmodSync(small.tree, 0o000);
      const blind = await doctor();
      chmodSync(small.tree, 0o755);
      expect(blind.status).toBe(4);
      expect(blind.err).toMatch(/unseen {3}root: cannot read .*: permission denied/);
    });
  },
);
