import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scratchHpss } from '../../test/scratch-hpss.ts';
import type { Fault } from '../sandbox/hpss/faults.ts';
import { askOnce } from './ask.ts';
import { chmod } from './change.ts';
import { HpssOSError } from './hpss-error.ts';
import type { HpssWait } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { listdir } from './list-directory.ts';
import { treeFiles } from './list-tree.ts';
import { isdir, lstatAll } from './stat.ts';

async function planted() {
  const hpss = await scratchHpss();
  mkdirSync(hpss.local(`${hpss.home}/d`), { recursive: true });
  for (let at = 0; at < 5; at += 1) writeFileSync(hpss.local(`${hpss.home}/d/f${at}`), 'x'.repeat(at));
  return hpss;
}

test('many commands in one session, each answered for itself', async () => {
  const hpss = await planted();
  const paths = ['f1', 'absent', 'f3', 'f4/below'].map((name) => `${hpss.home}/d/${name}`);
  const found = await lstatAll(paths, hpss.options);
  expect(found.map((one) => one?.stSize)).toEqual([1, undefined, 3, undefined]);
  const answers = await askOnce(
    [{ text: 'mkdir /no/such/place' }, { text: 'pwd' }, { text: `chmod 600 ${hpss.home}/d/f1` }, { text: 'nonsense' }],
    { ...hpss.options, what: 'cannot' },
  );
  expect(answers).toEqual([
    [expect.stringContaining('HPSS_ENOENT')],
    [hpss.home],
    [],
    [expect.stringContaining('unknown command')],
  ]);
  expect(hpss.sessions()).toBe(2);
  expect(readdirSync(`${hpss.folder}/tmp`), 'temporary files').toEqual([]);
});

describe('a listing is whole or an error', () => {
  const faults: readonly Fault[] = [
    { kind: 'fail', code: -13 },
    { kind: 'fail', code: -2 },
    { kind: 'fail', code: -5, text: 'HPSS_EIO' },
    { kind: 'fail', code: -1, text: 'a line that nobody knows', exit: 0 },
    ...[0, 1, 50, 100, 160, 161, 200, 400].map((bytes) => ({ kind: 'truncate', bytes }) as const),
    { kind: 'lie', does: true, says: 'nothing' },
    { kind: 'lie', does: true, says: 'failure' },
    { kind: 'drop', bytes: 100 },
    { kind: 'drop', bytes: 100, killed: true },
    { kind: 'drop', bytes: 0, killed: true },
    { kind: 'expire' },
    { kind: 'down' },
    { kind: 'hang' },
    { kind: 'hang', when: 'middle', bytes: 100 },
  ];
  test.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))('%s', async (_, fault) => {
    const hpss = await planted();
    const options = { ...hpss.options, retries: 0, timeoutSeconds: 1 };
    hpss.script({ words: ['ls', `${hpss.home}/d`], do: fault });
    await expect(listdir(`${hpss.home}/d`, options)).rejects.toMatchObject({ name: 'StowageError' });
    // One line is not so long.
    const isCut = !('bytes' in fault) || (fault.bytes ?? 0) < 200;
    if (isCut) await expect(isdir(`${hpss.home}/d`, options)).rejects.toMatchObject({ name: 'StowageError' });
    const walked = async () => {
      for await (const _ of treeFiles(`${hpss.home}/d`, options));
    };
    await expect(walked()).rejects.toMatchObject({ name: 'StowageError' });
    expect(readdirSync(`${hpss.folder}/tmp`), 'temporary files').toEqual([]);
  });
});

describe('what may pass is tried again', () => {
  test('an error of input and output, some times', async () => {
    const hpss = await planted();
    hpss.script({ words: ['ls', `${hpss.home}/d`], times: 3, do: { kind: 'fail', code: -5 } });
    const waits: HpssWait[] = [];
    const onWait = (wait: HpssWait) => waits.push(wait);
    expect(await listdir(`${hpss.home}/d`, { ...hpss.options, onWait })).toHaveLength(5);
    expect(waits.map(({ seconds }) => seconds * 1000)).toEqual([1, 4, 16]);
    hpss.script({ words: ['ls', `${hpss.home}/d`], do: { kind: 'fail', code: -5, exit: 74 } });
    await expect(listdir(`${hpss.home}/d`, hpss.options)).rejects.toMatchObject({ hpssCode: -5, retry: 'soon' });
  });

  test('a system that is down, after a longer while, and it is said', async () => {
    const hpss = await planted();
    hpss.script({ at: 'login', times: 2, do: { kind: 'down' } });
    const waits: HpssWait[] = [];
    const onWait = (wait: HpssWait) => waits.push(wait);
    const options = { ...hpss.options, downWaitSeconds: 0.02, onWait };
    await expect(listdir(`${hpss.home}/d`, options)).rejects.toMatchObject({ hpssCode: -5000, retry: 'later' });
    expect(waits).toEqual([{ seconds: 0.02, reason: expect.stringContaining('unable to obtain remote site info') }]);
    expect(await listdir(`${hpss.home}/d`, options)).toHaveLength(5);
  });

  test('a login that is not valid any more: never', async () => {
    const hpss = await planted();
    hpss.script({ at: 'login', do: { kind: 'expire' } });
    const waits: HpssWait[] = [];
    const failed = chmod(`${hpss.home}/d`, '700', { ...hpss.options, onWait: (wait) => waits.push(wait) });
    await expect(failed).rejects.toMatchObject({ hpssCode: -11000, retry: 'no', kind: 'authentication' });
    await expect(failed).rejects.toBeInstanceOf(HpssOSError);
    expect(waits).toEqual([]);
    expect(hpss.sessions(), 'none was let in').toBe(0);
  });
});

test('no more sessions at once than were allowed', async () => {
  const hpss = await planted();
  hpss.configure({ mostSessions: 2 });
  const options = { ...hpss.options, sessions: 2, retries: 0 };
  const all = Array.from({ length: 8 }, () => isdir(`${hpss.home}/d`, options));
  expect(await Promise.all(all)).toEqual(all.map(() => true));
  await expect(isdir('/x', { ...options, sessions: 16 })).rejects.toMatchObject({ code: 'configuration' });
});

test('what a line of hsi cannot carry is refused before anything is sent', async () => {
  const hpss = await planted();
  for (const name of ['a\nb', 'a\rb', 'a\0b', '']) {
    expect(() => hsiWord(name)).toThrow('hsi cannot be told');
    await expect(listdir(name, hpss.options)).rejects.toMatchObject({ code: 'refused' });
  }
  expect(hpss.sessions()).toBe(0);
});
