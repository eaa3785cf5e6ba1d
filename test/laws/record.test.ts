import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type JsonEvent, type Place, place, plant, stowageJson } from '../stowage.ts';

const rules = { __top__: { '([^/]+)\\.txt$': 'plain/\\1.txt' }, d: { 'd/.*$': 'd.tar' } };

async function archive(at: Place, ...options: string[]) {
  return stowageJson('archive', at.config, 'data', ...options);
}

function kinds(events: readonly JsonEvent[]): readonly unknown[] {
  return events.filter((one) => one.event === 'finding').map((one) => one.finding);
}

/** Changes one byte and leaves the time of the change behind, as a careless copy does. */
function scribble(path: string, text: string): void {
  const bytes = readFileSync(path);
  const place = bytes.indexOf(text);
  bytes[place]! ^= 1;
  writeFileSync(path, bytes);
}

test('a state folder that lacks what the store has recorded archives nothing before it is rebuilt', async () => {
  const at = await place(rules);
  plant(at.data, { 'd/a': 'a', 'x.txt': 'x' });
  expect((await archive(at)).status).toBe(0);
  rmSync(at.state, { recursive: true });
  const looked = await stowageJson('missing', at.config, 'data');
  expect([looked.status, kinds(looked.events)]).toEqual([1, expect.arrayContaining(['unknown-runs'])]);
  const refused = await archive(at);
  expect(refused.status).toBe(3);
  expect(refused.err).toContain('rebuild-catalog');
  expect((await stowageJson('rebuild-catalog', at.config)).status).toBe(0);
  expect((await archive(at)).events.some((one) => one.event === 'stored')).toBe(false);
  expect((await stowageJson('missing', at.config, 'data')).status).toBe(0);
});

test('journals of another section in the same store are no reason to stop', async () => {
  const at = await place(rules, {}, { other: { __exclude__: [], d: { 'd/.*$': 'd.tar' } } });
  plant(at.root, { 'data/d/a': 'a', 'other/d/b': 'b' });
  expect((await archive(at)).status).toBe(0);
  const elsewhere = join(at.folder, 'elsewhere');
  expect((await stowageJson('archive', at.config, 'other', '--state', elsewhere)).status).toBe(0);
});

test('damage that was seen is remembered although the damaged object is not the recorded version', async () => {
  const at = await place(rules);
  plant(at.data, { 'd/a': 'content of a' });
  await archive(at);
  scribble(join(at.vault, 'data/d.tar'), 'content of a');
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(1);
  const looked = await stowageJson('missing', at.config, 'data');
  expect(looked.status).toBe(1);
  expect(looked.events.find((one) => one.event === 'due')).toMatchObject({ reasons: [{ kind: 'damaged' }] });
  expect((await stowageJson('status', at.config)).status).toBe(1);
  const healed = await archive(at);
  expect(healed.events.find((one) => one.event === 'stored')).toMatchObject({ replaced: true });
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(0);
  expect((await stowageJson('status', at.config)).status).toBe(0);
});

test('an object that was only copied is as good as the recorded one once it was read', async () => {
  const at = await place(rules);
  plant(at.data, { 'd/a': 'a', 'x.txt': 'x' });
  await archive(at);
  for (const name of ['d.tar', 'plain/x.txt']) {
    const path = join(at.vault, 'data', name);
    writeFileSync(path, readFileSync(path));
    utimesSync(path, 5, 5);
  }
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(0);
  const looked = await stowageJson('missing', at.config, 'data');
  expect([looked.status, kinds(looked.events)]).toEqual([0, []]);
});

test('a plain object that others replaced is neither overwritten nor taken for ours', async () => {
  const at = await place(rules);
  plant(at.data, { 'x.txt': 'ours' });
  await archive(at);
  const object = join(at.vault, 'data/plain/x.txt');
  writeFileSync(object, 'only here');
  const refused = await archive(at);
  expect(refused.status).toBe(1);
  expect(refused.events.find((one) => one.finding === 'withheld')).toMatchObject({
    why: { kind: 'replaced-by-others' },
  });
  expect(readFileSync(object, 'utf8')).toBe('only here');
  expect((await archive(at, '--allow-shrink')).status).toBe(0);
  expect(readFileSync(object, 'utf8')).toBe('ours');
});

test('a rule cannot make an archive of a section that is nested in its own', async () => {
  const at = await place(
    { b: { 'b/.*$': 'b/x.tar' } },
    {},
    { 'data/b': { __exclude__: [], __top__: { '[^/]+$': 'x.tar' } } },
  );
  plant(at.data, { 'b/f': 'f' });
  const outer = await archive(at);
  expect(outer.status).toBe(1);
  expect(outer.events.find((one) => one.finding === 'refused')).toMatchObject({
    why: { kind: 'illegal-name', name: 'b/x.tar' },
  });
  expect((await stowageJson('archive', at.config, 'data/b')).status).toBe(0);
  expect((await archive(at)).status).toBe(1);
});

test('a section that is wholly empty although files of it are recorded is told, and stays archived', async () => {
  const at = await place(rules);
  plant(at.data, { 'd/a': 'a' });
  await archive(at);
  rmSync(join(at.data, 'd'), { recursive: true });
  const looked = await archive(at);
  expect([looked.status, kinds(looked.events)]).toEqual([1, ['all-gone', 'gone']]);
  expect(readdirSync(join(at.vault, 'data'))).toEqual(['d.tar']);
});

test('digests that reading an adopted archive gave come back with the record', async () => {
  const at = await place(rules);
  plant(at.data, { 'd/a': 'a', 'd/b': 'b' });
  await archive(at);
  rmSync(at.state, { recursive: true });
  rmSync(join(at.vault, '.stowage'), { recursive: true });
  await archive(at); // adopts the archive
  expect((await stowageJson('verify', at.config, 'data', '--level', 'read')).status).toBe(0);
  await archive(at); // copies the journal of that reading into the store
  rmSync(at.state, { recursive: true });
  expect((await stowageJson('rebuild-catalog', at.config)).status).toBe(0);
  const members = (await stowageJson('find', at.config, 'd/')).events.filter((one) => one.event === 'found');
  expect(members.map((one) => typeof one.sha256)).toEqual(['string', 'string']);
});
