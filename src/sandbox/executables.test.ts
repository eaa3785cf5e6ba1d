import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli } from '../../test/built-cli.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { until } from '../../test/waiting.ts';
import { nameFromBytes } from '../model/byte-name.ts';
import { startHpss } from './start.ts';

beforeAll(() => {
  builtCli();
});

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** A system whose programs are called as HPSSPy calls them: by `$HPSS_DIR/bin/hsi`. */
async function programs(faults: readonly object[] = []) {
  const folder = await scratchFolder();
  const work = join(folder, 'work');
  mkdirSync(work);
  const { folder: system } = startHpss(join(folder, 'hpss'));
  const script = join(folder, 'faults.json');
  writeFileSync(script, JSON.stringify({ faults }));
  const start = (tool: string, argv: readonly string[], program = join(system, 'bin', tool)): ChildProcess =>
    spawn(program, argv, {
      cwd: work,
      env: { PATH: process.env.PATH, TZ: 'Asia/Tokyo', STOWAGE_SANDBOX_FAULTS: script },
    });
  const run = (tool: string, ...argv: readonly string[]) => end(start(tool, argv));
  return { folder, work, system, start, run, held: (path: string) => readFileSync(join(system, 'files', path)) };
}

async function end(child: ChildProcess, input: string | Uint8Array = ''): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.end(input);
  const [status, signal] = await once(child, 'close');
  return { status, signal, out: nameFromBytes(Buffer.concat(out)), err: nameFromBytes(Buffer.concat(err)) };
}

test('the build makes programs that can be called', async () => {
  const { system, run } = await programs();
  for (const tool of ['hsi', 'htar']) expect(statSync(join(system, 'bin', tool)).mode & 0o111).toBe(0o111);
  expect(await run('hsi', '-q', 'pwd')).toEqual({ status: 0, signal: null, out: '', err: '/home/e/elvis\n' });
});

test('every command line that HPSSPy uses does what HPSSPy reads', async () => {
  const { run, work, held } = await programs();
  const file = join(work, 'hsi.txt');
  const hsi = async (...argv: readonly string[]) => {
    const { status } = await run('hsi', '-O', file, '-s', 'archive', ...argv);
    return { status, text: readFileSync(file, 'utf8') };
  };
  mkdirSync(join(work, 'batch'));
  writeFileSync(join(work, 'batch/1'), 'one');
  writeFileSync(join(work, 'x.txt'), 'x');
  writeFileSync(join(work, 'list.txt'), 'x.txt\n');
  const line =
    /^([dl-])([rwxsStT-]{9})\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\w{3}) (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4}) (.*)$/;
  expect(await hsi('mkdir', '-p', '-m', '2770', '/hpss/proj/data/d1')).toMatchObject({
    status: 0,
    text: expect.not.stringMatching(/^\*\*/),
  });
  expect((await hsi('put', join(work, 'x.txt'), ':', '/hpss/proj/data/d1/x.txt')).status).toBe(0);
  const archive = '/hpss/proj/data/d1/batch.tar';
  expect(await run('htar', '-cvf', archive, '-H', 'crc:verify=all', 'batch')).toMatchObject({ status: 0, err: '' });
  expect(
    (await run('htar', '-cvf', '/hpss/proj/data/d1/d1_files.tar', '-H', 'crc:verify=all', '-L', 'list.txt')).status,
  ).toBe(0);
  expect((await hsi('chmod', '664', archive)).status).toBe(0);
  const { text } = await hsi('ls', '-Da', '/hpss/proj/data/d1');
  const [head, ...lines] = text.trimEnd().split('\n');
  expect(head).toBe('/hpss/proj/data/d1:');
  expect(lines.map((one) => line.exec(one)?.at(-1))).toEqual([
    'batch.tar',
    'batch.tar.idx',
    'd1_files.tar',
    'd1_files.tar.idx',
    'x.txt',
  ]);
  expect((await hsi('ls', '-Dd', '/hpss/proj/data/d1')).text).toMatch(/^drwxrws--- .* \/hpss\/proj\/data\/d1\n$/);
  expect((await hsi('ls', '-Da', '/hpss/none')).text).toMatch(/^\*\*\* ls: .*HPSS_ENOENT/);
  const listed = (await run('htar', '-t', '-f', archive)).out;
  expect(listed).toMatch(/^HTAR: -rw-r--r-- {2}elvis\/elvis {10}3 \d{4}-\d\d-\d\d \d\d:\d\d {2}batch\/1$/m);
  expect(held('/hpss/proj/data/d1/x.txt').toString()).toBe('x');
});

test('arguments that are not UTF-8 arrive as they are', async () => {
  const { run, system, work } = await programs();
  const wrapper = join(work, 'call');
  writeFileSync(
    wrapper,
    Buffer.from(`"${system}/bin/hsi" -q 'mkdir b\xe9'; touch g\xe9; "${system}/bin/htar" -cvf a.tar g\xe9`, 'latin1'),
  );
  const { out } = await end(spawn('sh', [wrapper], { cwd: work }));
  expect(out).toContain('HTAR: a   g\udce9\n');
  expect((await run('hsi', '-P', 'ls -1')).out).toBe('a.tar\na.tar.idx\nb\udce9\n');
});

test('bytes of any size go through pipes', async () => {
  const { start } = await programs();
  const bytes = Buffer.alloc(5_000_000, 'pipes carry all');
  expect(await end(start('hsi', ['-q', 'put - : x']), bytes)).toMatchObject({ status: 0 });
  const got = await end(start('hsi', ['-q', 'get - : x']));
  expect(Buffer.from(got.out, 'latin1').equals(bytes)).toBe(true);
});

test('one session serves many commands, each answered when it is asked', async () => {
  const { start } = await programs();
  const child = start('hsi', ['-P', '-e']);
  const answers: string[] = [];
  let waiting = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    waiting += text;
    const answer = /^(cd|pwd) .*\n(.*)\n/.exec(waiting);
    if (answer === null) return;
    answers.push(answer[2]!);
    waiting = '';
    if (answers.length < 3) child.stdin!.write('pwd #\n');
    else child.stdin!.end();
  });
  child.stdin!.write('pwd #\n');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(answers).toEqual(['/home/e/elvis', '/home/e/elvis', '/home/e/elvis']);
});

test('many processes at once: nothing is lost, no place on tape is given twice, the count of a fault is right', async () => {
  const { run, work } = await programs([{ words: ['rmdir'], oneIn: 3, do: { kind: 'fail', exit: 9 } }]);
  writeFileSync(join(work, 'f'), 'x'.repeat(1000));
  const names = Array.from({ length: 9 }, (_, at) => `f${at}`);
  const ended = await Promise.all(
    names.map((name) => run('hsi', '-q', `put f : ${name}; mkdir d${name}; rmdir d${name}`)),
  );
  expect(ended.filter(({ status }) => status === 9)).toHaveLength(3);
  const { out } = await run('hsi', '-P', 'ls -P');
  const files = out.split('\n').filter((line) => line.startsWith('FILE'));
  expect(files).toHaveLength(9);
  expect(new Set(files.map((line) => line.split('\t').slice(4, 6).join(' '))).size).toBe(9);
});

test('drop killed: the program dies in the middle without a word, and half a file stays', async () => {
  const { run, work, held } = await programs([{ words: ['put'], do: { kind: 'drop', bytes: 100, killed: true } }]);
  writeFileSync(join(work, 'f'), 'x'.repeat(1000));
  expect(await run('hsi', '-q', 'put f : x')).toMatchObject({ status: null, signal: 'SIGKILL', err: '' });
  expect(held('/home/e/elvis/x').length).toBe(100);
  expect(await run('hsi', '-q', 'mkdir after')).toMatchObject({ status: 0 });
});

test.each([
  ['before', 'hsi', ['-q', 'put f : x'], undefined],
  ['middle', 'hsi', ['-q', 'put f : x'], 100],
  ['after', 'hsi', ['-q', 'put f : x'], 1000],
  ['middle', 'htar', ['-cf', 'x', 'f'], 100],
] as const)('hang %s: %s', async (when, tool, argv, bytes) => {
  const { start, work, system } = await programs([{ tool, do: { kind: 'hang', when, bytes: 100 } }]);
  writeFileSync(join(work, 'f'), 'x'.repeat(1000));
  const file = join(system, 'files/home/e/elvis/x');
  const child = start(tool, argv);
  const closed = once(child, 'close');
  if (bytes === undefined) await until('the fault is counted', () => existsSync(join(system, 'faults')));
  else await until('all of it lies there', () => existsSync(file) && statSync(file).size === bytes);
  expect(child.exitCode).toBe(null);
  child.kill('SIGKILL');
  expect(await closed).toEqual([null, 'SIGKILL']);
  expect(existsSync(file)).toBe(bytes !== undefined);
});

test('without a system it says what to set', async () => {
  const { work } = await programs();
  const built = new URL('../../dist/sandbox/bin/hsi', import.meta.url).pathname;
  const ran = await end(spawn(built, ['pwd'], { cwd: work, env: { PATH: process.env.PATH } }));
  expect(ran).toMatchObject({ status: 69, err: expect.stringContaining('set HPSS_DIR or STOWAGE_SANDBOX_HPSS to it') });
});
