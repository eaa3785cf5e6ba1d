import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
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

test('a scratch Grid runs until it is interrupted, and tells a shell what to export', async () => {
  const folder = join(await scratchFolder(), 'grid');
  const { runProgram: run } = await import('../programs/run-program.ts');
  let out = '';
  const interrupt = new AbortController();
  const output = new Writable({
    write(chunk, _, done) {
      out += String(chunk);
      if (out.includes('# It runs until')) interrupt.abort();
      done();
    },
  });
  // Without a PATH there is no XRootD: then there are names only, and that is said.
  const running = run(process.execPath, [builtCli(), 'sandbox', 'grid', folder], {
    env: { PATH: '' },
    output,
    signal: interrupt.signal,
    graceMs: 60_000,
  });
  await expect(running).rejects.toMatchObject({ code: 'interrupted', facts: { status: 0 } });
  expect(out).toContain('# storage elements: none, as there is no xrootd here');
  const exports = out.split('\n').filter((line) => line.startsWith('export '));
  expect(`${exports.join('\n')}\n`).toBe(readFileSync(join(folder, 'env.sh'), 'utf8'));
});

test.each([
  [['sandbox', 'hpss', 'x', '--port', '1'], '--port, --faults and --latency are for a scratch Grid'],
  [['sandbox', 'grid', 'x', '--latency', 'far'], '--latency far is no number of milliseconds'],
  [['sandbox', 'grid', 'x', '--port', '65536'], '--port 65536 is no port'],
])('%j is refused', async (argv, message) => {
  const { status, err } = await stowage(...argv);
  expect(status).toBe(2);
  expect(err).toContain(message);
});
