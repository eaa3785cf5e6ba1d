import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openConfiguration } from '../../src/open.ts';
import type { Store } from '../../src/store/store.ts';
import { archive } from '../../src/verbs/archive/archive.ts';
import type { Event } from '../../src/verbs/events.ts';
import { projectOf } from '../../src/verbs/project.ts';
import { type JsonEvent, type Place, place, plant, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

const rules = { d: { 'd/.*$': 'd.tar' } };
const onlyTar = { __top__: {}, d: rules.d };

async function archived(at: Place, ...options: string[]) {
  return stowageJson('archive', at.config, 'data', ...options);
}

function found(events: readonly JsonEvent[], finding: string): readonly JsonEvent[] {
  return events.filter((one) => one.event === 'finding' && one.finding === finding);
}

function withheldWhy(events: readonly JsonEvent[]): readonly unknown[] {
  return found(events, 'withheld').map((one) => (one.why as { kind: string }).kind);
}

/** Flips one bit where a text stands, size and times kept or not. */
function flip(path: string, text: string, keepTime: boolean): void {
  const before = `${path}.before`;
  execFileSync('cp', ['-p', path, before]);
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`'${text}' is not in ${path}`);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
  if (keepTime) execFileSync('touch', ['-r', before, path]);
  unlinkSync(before);
}

/** What can be restored of a path; undefined if it cannot. */
async function restored(at: Place, path: string): Promise<string | undefined> {
  const to = join(at.folder, `look-${Math.random()}`);
  const { status } = await stowageJson('restore', at.config, 'data', path, '--to', to);
  return status === 0 ? readFileSync(join(to, path), 'utf8') : undefined;
}

test('a member that is gone from disk comes over when its archive is made again', async () => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/gone': 'only here', 'd/stays': 'one' });
  expect((await archived(at)).status).toBe(0);
  unlinkSync(join(at.data, 'd/gone'));
  plant(at.data, { 'd/stays': 'two, and longer' });
  const { status, events } = await archived(at);
  expect([status, found(events, 'gone').length]).toEqual([0, 1]);
  expect(events.find((one) => one.event === 'stored')).toMatchObject({ replaced: true, carried: 1, members: 2 });
  expect(await restored(at, 'd/gone')).toBe('only here');
  expect(await restored(at, 'd/stays')).toBe('two, and longer');
});

test.each([
  ['its content was damaged in the vault', (path: string) => flip(path, 'only here', true)],
  ['its content was damaged and the time of the object changed', (path: string) => flip(path, 'only here', false)],
  ['the old archive was cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 1100))],
  ['the old archive is no tar any more', (path: string) => writeFileSync(path, 'this is no tar')],
])('an archive whose gone member cannot be read is not made again: %s', async (_, harm) => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/gone': 'only here', 'd/stays': 'one' });
  await archived(at);
  const vault = join(at.vault, 'data/d.tar');
  harm(vault);
  const harmed = readFileSync(vault);
  unlinkSync(join(at.data, 'd/gone'));
  plant(at.data, { 'd/stays': 'two, and longer' });

  const { status, events } = await archived(at);
  expect(status).toBe(1);
  expect(withheldWhy(events)).toEqual(['old-unreadable']);
  expect(readFileSync(vault).equals(harmed), 'the old archive was touched').toBe(true);

  const forced = await archived(at, '--allow-shrink');
  expect(found(forced.events, 'dropped')).toMatchObject([{ path: 'd/gone' }]);
  expect(await restored(at, 'd/stays')).toBe('two, and longer');
  expect(await restored(at, 'd/gone')).toBeUndefined();
  const after = await stowageJson('missing', at.config, 'data');
  expect([after.status, after.events.some((one) => one.event === 'due')]).toEqual([0, false]);
});

test('a damaged archive with all its members on disk is made again from them', async () => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/a': 'content of a' });
  await archived(at);
  flip(join(at.vault, 'data/d.tar'), 'content of a', true);
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(1);
  const { status, events } = await archived(at);
  expect([status, events.find((one) => one.event === 'stored')?.replaced]).toEqual([0, true]);
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(0);
});

test('an archive that has gone from the vault with members that have gone from disk is told, not made smaller', async () => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/gone': 'only here', 'd/stays': 'one' });
  await archived(at);
  unlinkSync(join(at.data, 'd/gone'));
  const aside = join(at.folder, 'aside.tar');
  renameSync(join(at.vault, 'data/d.tar'), aside);
  const { status, events } = await archived(at);
  expect([status, withheldWhy(events)]).toEqual([1, ['lost']]);
  // It was only mislaid: back in its place everything is as before.
  renameSync(aside, join(at.vault, 'data/d.tar'));
  expect((await archived(at)).status).toBe(0);
  expect(await restored(at, 'd/gone')).toBe('only here');
});

test('an object that someone else put in place of ours is not overwritten while it holds what nobody else has', async () => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/a': 'one', 'd/b': 'two' });
  await archived(at);
  // d/b is not in it, but d/c, which is nowhere else.
  const other = join(at.folder, 'other');
  plant(other, { 'd/a': 'one', 'd/c': 'only in the vault' });
  execFileSync('tar', ['-C', other, '-cf', join(at.vault, 'data/d.tar'), 'd/a', 'd/c']);
  await archived(at);
  const content = readFileSync(join(at.vault, 'data/d.tar')).toString('latin1');
  expect(content).toContain('only in the vault');
});

test('what no manifest can name is not lost with a replacement: a sparse file, a device, an unsafe name', async () => {
  const at = await place(onlyTar);
  const other = join(at.folder, 'other');
  plant(other, { 'd/a': 'one' });
  execFileSync('truncate', ['-s', '1M', join(other, 'd/holes')]);
  execFileSync('sh', ['-c', 'printf treasure >> "$1"', 'sh', join(other, 'd/holes')]);
  plant(at.vault, { 'data/': '' });
  execFileSync('tar', ['-C', other, '--sparse', '-cf', join(at.vault, 'data/d.tar'), 'd/a', 'd/holes']);
  const before = readFileSync(join(at.vault, 'data/d.tar'));
  plant(at.data, { 'd/a': 'changed since' });
  for (const _ of ['when it is adopted', 'and later']) {
    const { status, events } = await archived(at);
    expect([status, withheldWhy(events)]).toEqual([1, ['would-shrink']]);
    expect(readFileSync(join(at.vault, 'data/d.tar')).equals(before)).toBe(true);
  }
  const forced = await archived(at, '--allow-shrink');
  expect(found(forced.events, 'dropped')).toMatchObject([{ path: 'd/holes' }]);
  expect(await restored(at, 'd/a')).toBe('changed since');
});

test('a changed time in the vault does not make the digests forgotten: damage shows when it is read', async () => {
  const at = await place(onlyTar);
  plant(at.data, { 'd/a': 'content of a', 'd/b': 'content of b' });
  await archived(at);
  flip(join(at.vault, 'data/d.tar'), 'content of b', false);
  await archived(at);
  const { status, events } = await stowageJson('verify', at.config, 'data', '--level', 'read');
  expect([status, events.find((one) => one.event === 'verdict')?.outcome]).toEqual([1, 'damaged']);
  expect(await restored(at, 'd/b')).toBeUndefined();
});

test('reading an adopted archive compares it with what was adopted, before its digests are believed', async () => {
  const at = await place(onlyTar);
  const other = join(at.folder, 'other');
  plant(other, { 'd/a': 'one', 'd/b': 'two' });
  plant(at.vault, { 'data/': '' });
  const vault = join(at.vault, 'data/d.tar');
  execFileSync('tar', ['-C', other, '-cf', vault, 'd/a', 'd/b']);
  plant(at.data, { 'd/': '' });
  await archived(at);
  expect((await stowageJson('verify', at.config, 'data', '--level', 'size')).status).toBe(0);
  const { size } = statSync(vault);
  const before = join(at.folder, 'before.tar');
  execFileSync('cp', ['-p', vault, before]);
  execFileSync('tar', ['-C', other, '-cf', vault, 'd/b', 'd/a']);
  expect(statSync(vault).size).toBe(size);
  execFileSync('touch', ['-r', before, vault]);
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(1);
  expect(await restored(at, 'd/a')).not.toBe('two');
});

test('an adopted archive without digests that was swapped since is not restored as if it were itself', async () => {
  const at = await place(onlyTar);
  const other = join(at.folder, 'other');
  plant(other, { 'd/a': 'one', 'd/b': 'two' });
  plant(at.vault, { 'data/': '' });
  const vault = join(at.vault, 'data/d.tar');
  execFileSync('tar', ['-C', other, '-cf', vault, 'd/a', 'd/b']);
  plant(at.data, { 'd/': '' });
  await archived(at);
  execFileSync('tar', ['-C', other, '-cf', vault, 'd/b', 'd/a']);
  utimesSync(vault, 1, 1);
  expect(await restored(at, 'd/a')).not.toBe('two');
});

test('a file that vanishes while it is archived the second time comes over from the old archive', async () => {
  const at = await place(onlyTar);
  const big = 'b'.repeat(3_000_000);
  plant(at.data, { 'd/a-big': big, 'd/z': 'old z' });
  await archived(at);
  plant(at.data, { 'd/a-big': `${big}1`, 'd/z': 'new z' });
  const opened = await openConfiguration(at.config);
  let tries = 0;
  // While the first file is read it grows once, so that the second try takes what it gets; then the last one vanishes.
  const store: Store = {
    ...opened.store,
    write(key, bytes, options) {
      tries += 1;
      const disturbed = async function* () {
        let first = true;
        for await (const chunk of bytes) {
          yield chunk;
          if (!first) continue;
          first = false;
          if (tries === 1) plant(at.data, { 'd/a-big': `${big}22` });
          if (tries === 2) rmSync(join(at.data, 'd/z'), { force: true });
        }
      };
      return opened.store.write(key, disturbed(), options);
    },
  };
  const events: Event[] = [];
  const policy = { sizeLimit: 2 ** 40, allowShrink: false };
  for await (const event of archive(projectOf({ ...opened, store }), 'data', { policy })) events.push(event);
  expect(tries).toBeGreaterThan(1);
  expect(await restored(at, 'd/z')).toBe('old z');
  expect(events.some((one) => one.kind === 'finding' && one.finding.kind === 'refused')).toBe(true);
});

test('a plain object of another file is not overwritten', async () => {
  const at = await place({ __top__: { '([^/]+)\\.txt$': 'plain' } });
  plant(at.data, { 'a.txt': 'first' });
  expect((await archived(at)).status).toBe(0);
  renameSync(join(at.data, 'a.txt'), join(at.data, 'b.txt'));
  const { status, events } = await archived(at);
  expect([status, withheldWhy(events)]).toEqual([1, ['would-shrink']]);
  expect(readFileSync(join(at.vault, 'data/plain'), 'utf8')).toBe('first');
});

test('a directory that cannot be listed holds back only the archives that it could belong to', async () => {
  const at = await place({ __top__: {}, d: rules.d, e: { 'e/.*$': 'e.tar' } });
  plant(at.data, { 'd/a': '1', 'e/a': '1' });
  await archived(at);
  plant(at.data, { 'd/a': '22', 'e/a': '22' });
  const opened = await openConfiguration(at.config);
  expect(opened.warnings.length).toBeGreaterThanOrEqual(0);
  // A file in place of the folder: what is below it cannot be listed by anybody, not even by root.
  const before = lookAtTree(at.vault);
  rmSync(join(at.data, 'd'), { recursive: true });
  const { status } = await archived(at);
  expect(status).toBe(0);
  expect(lookAtTree(at.vault).get('data/d.tar')).toEqual(before.get('data/d.tar'));
  expect(await restored(at, 'd/a')).toBe('1');
});
