import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runProgram } from '../../test/built-cli.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { stowage, stowageJson } from '../../test/stowage.ts';
import { startHpss } from './start.ts';

beforeAll(() => {
  builtCli();
});

test('a new system: what to export, in a form that a shell reads', async () => {
  const folder = join(await scratchFolder(), "it's new");
  const { status, out, err } = await stowage('sandbox', 'hpss', folder);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const quoted = folder.replaceAll("'", "'\\''");
  expect(out).toBe(
    `# hpss: a new scratch system in ${folder}; home directory /home/e/elvis\nexport HPSS_DIR='${quoted}'\nexport PATH='${quoted}/bin':"$PATH"\n`,
  );
  const used = await runProgram('sh', ['-c', `${out}hsi -q 'mkdir a; ls -1'; htar -tf nope; echo $?`]);
  expect(used).toMatchObject({
    err: expect.stringMatching(/^a\nERROR: No such file: nope\.idx\n/),
    out: 'HTAR: HTAR FAILED\n72\n',
  });
});

test('a system that is there is left as it is, and its use is told', async () => {
  const folder = join(await scratchFolder(), 'hpss');
  startHpss(folder);
  const settings = join(folder, 'system.json');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('"elvis"', '"priscilla"'));
  await runProgram(join(folder, 'bin/hsi'), ['-q', 'mkdir kept']);
  const { events, status } = await stowageJson('sandbox', 'hpss', folder);
  expect(status).toBe(0);
  expect(events[0]).toEqual({
    event: 'sandbox',
    system: 'hpss',
    folder,
    made: false,
    variables: { HPSS_DIR: folder },
    programs: join(folder, 'bin'),
    home: '/home/e/elvis',
    use: { sessions: 1, mounts: 0, seconds: 0 },
  });
  expect(readFileSync(settings, 'utf8')).toContain('priscilla');
  expect((await runProgram(join(folder, 'bin/hsi'), ['-P', 'ls -1'])).out).toBe('kept\n');
});

test('a folder with something else in it is refused', async () => {
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'thesis.tex'), '');
  const { status, err } = await stowage('sandbox', 'hpss', folder);
  expect(status).toBe(1);
  expect(err).toContain('holds something that is no scratch system');
  expect(err).toContain('hint: name a folder that is empty or not there');
});

test('programs that are not built are told', async () => {
  const folder = await scratchFolder();
  mkdirSync(join(folder, 'none'));
  expect(() => startHpss(join(folder, 'hpss'), join(folder, 'none'))).toThrow("hsi' is not there");
});

test('any other system is a wrong command line', async () => {
  expect(await stowage('sandbox', 'dcache', '/nowhere')).toMatchObject({ status: 2 });
});
