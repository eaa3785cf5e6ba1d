import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ScratchHpss, scratchHpss } from '../../test/scratch-hpss.ts';
import type { FaultRule } from '../sandbox/hpss/faults.ts';
import type { Settings } from '../sandbox/hpss/system/settings.ts';
import type { StoreCheck } from '../store/examination.ts';
import { hpssExamination } from './hpss-examination.ts';
import { hpssPlaces } from './hpss-places.ts';
import { hpssScratch } from './hpss-scratch.ts';

/** What the checks of one name say of a scratch HPSS. Nothing is left there. */
async function told(which: string, settings: Partial<Settings>, change: (hpss: ScratchHpss) => void = () => {}) {
  const hpss = await scratchHpss(settings);
  const root = `${hpss.home}/vault`;
  mkdirSync(hpss.local(root));
  change(hpss);
  const checks = hpssExamination(root, { ...hpss.options, retries: 0 }).checks.filter(({ name }) => name === which);
  expect(checks.length).toBe(1);
  const found = await said(checks[0]!);
  hpss.script();
  const waiting = readdirSync(hpss.local(`${root}/.stowage/tmp`), { recursive: true });
  return { found, waiting };
}

async function said({ examine }: StoreCheck): Promise<string> {
  const found: string[] = [];
  for await (const one of await examine()) {
    expect([one.outcome, one.advice === undefined]).toEqual([one.outcome, one.outcome === 'ok']);
    found.push(`${one.outcome}: ${one.found}`);
  }
  return found.join('\n');
}

const lie = (...words: string[]): FaultRule => ({ words, do: { kind: 'lie', does: false, says: 'success' } });
const silent = (...words: string[]): FaultRule => ({ words, do: { kind: 'lie', does: false, says: 'nothing' } });
const short = (...words: string[]): FaultRule => ({ words, do: { kind: 'truncate', bytes: 2 } });
const fail = (code: number, ...words: string[]): FaultRule => ({ words, do: { kind: 'fail', code } });

const whatever = [lie('put', 'star*'), fail(-22, 'put', 'back\\slash'), lie('rm', '[ab]')];
const names =
  /^problem: .* do not come back.*: 'star\*', '\[ab\]'\nwarning: .* refuses names: 'back\\+slash', 'e.*', '\\xff'$/;
test.each<[string, string, Partial<Settings>, readonly FaultRule[], RegExp]>([
  ['names', 'hpss-names', {}, [], /^ok: .* 13 odd names come back .*$/],
  ['names not stored, refused, not removed', 'hpss-names', { names: 'printable ASCII' }, whatever, names],
  ['moving', 'hpss-move', {}, [], /^ok: .* never onto another$/],
  ['moving overwrites', 'hpss-move', { moveOverwrites: true }, [], /^warning: .* replaces what has its new name/],
  ['moving does nothing', 'hpss-move', {}, [lie('mv')], /^problem: .* does not get its new name$/],
  ['digests', 'hpss-digests', {}, [], /^ok: .* keeps the SHA-256/],
  ['hashlist says nothing', 'hpss-digests', {}, [silent('hashlist')], /^warning: .* keeps no digest/],
  ['hashlist fails', 'hpss-digests', {}, [fail(-22, 'hashlist')], /^warning: .* keeps no digest/],
  ['a digest of something else', 'hpss-digests', {}, [short('put')], /^problem: .* not of what it was given$/],
])('%s', async (_, which, settings, faults, expected) => {
  const { found, waiting } = await told(which, settings, (hpss) => hpss.script(...faults));
  expect(found).toMatch(expected);
  expect(waiting).toEqual([]);
});

test('an hsi that does not know quotes touches other names, and it is seen', async () => {
  const { found } = await told('hpss-names', {}, (hpss) => {
    const program = `${hpss.folder}/bin/hsi`;
    renameSync(program, `${program}-quoting`);
    const unquote = `for last; do :; done\nlist="\${last#in }"\nsed -i "/^put\\|^rm/s/['\\"]//g" "$list"`;
    writeFileSync(program, `#!/bin/sh\n${unquote}\nexec '${program}-quoting' "$@"\n`);
    chmodSync(program, 0o755);
  });
  expect(found).toMatch(/^problem: .* came to others: .*'star-x'/m);
});

test('what says nothing of names is not told as one of them: the login, the system', async () => {
  for (const fault of [{ kind: 'expire' }, { kind: 'down' }] as const)
    await expect(
      told('hpss-names', {}, (hpss) => hpss.script({ words: ['put', 'star*'], do: fault })),
    ).rejects.toThrow();
});

test('what a killed doctor of this machine left goes with the next one; that of others, and of one at work, stays', async () => {
  const hpss = await scratchHpss();
  const root = `${hpss.home}/vault`;
  const waiting = hpss.local(`${root}/.stowage/tmp`);
  mkdirSync(hpss.local(root));
  const one = await hpssScratch(hpssPlaces(root), hpss.options);
  const name = one.path.slice(one.path.lastIndexOf('/') + 1);
  const [random, holder] = name.split('.') as [string, string];
  const own = JSON.parse(Buffer.from(holder, 'base64url').toString('utf8'));
  const other = (change: (holder: unknown[]) => void) => {
    const changed = [...own];
    change(changed);
    return `${random}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`;
  };
  const dead = other((holder) => holder.splice(4, 1, '1'));
  const elsewhere = other((holder) => holder.splice(0, 1, 'another-host'));
  for (const made of [dead, elsewhere, 'doctor-0123456789abcdef'])
    mkdirSync(`${waiting}/${made}/deep`, { recursive: true });
  const next = await hpssScratch(hpssPlaces(root), hpss.options);
  const left = readdirSync(waiting);
  expect(left).not.toContain(dead);
  for (const stays of [name, elsewhere, 'doctor-0123456789abcdef']) expect(left).toContain(stays);
  await next.remove();
  await one.remove();
});

test('of a store that is not there nothing is told: it was told before', async () => {
  const hpss = await scratchHpss();
  for (const check of hpssExamination(`${hpss.home}/absent`, hpss.options).checks) expect(await said(check)).toBe('');
});
