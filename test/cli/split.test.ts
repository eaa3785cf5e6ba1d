import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type JsonEvent, type Place, place, plant, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

const rules = { d: { 'd/.*': 'd.tar' }, e: { 'e/(.*)': '\\1' } };
const limit = ['--size-limit', '10k'];

async function at(...names: readonly string[]): Promise<Place> {
  const made = await place(rules);
  plant(made.data, Object.fromEntries(names.map((name) => [`d/${name}`, name.repeat(4000).slice(0, 4000)])));
  return made;
}

const stored = (events: readonly JsonEvent[]) =>
  events.filter((one) => one.event === 'stored').map((one) => String(one.archive).replace('data/', ''));

async function archive(where: Place, ...options: readonly string[]) {
  const ran = await stowageJson('archive', where.config, 'data', ...limit, ...options);
  return { ...ran, stored: stored(ran.events).sort() };
}

describe('an archive that would hold too much', () => {
  test('is refused without --split, and split by whole members with it', async () => {
    const where = await at('a', 'b', 'c', 'e', 'f');
    const refused = await archive(where);
    expect([refused.status, refused.stored]).toEqual([1, []]);
    const done = await archive(where, '--split');
    expect([done.status, done.stored]).toEqual([0, ['d.part0001.tar', 'd.part0002.tar', 'd.part0003.tar']]);
    const again = await archive(where, '--split');
    expect([again.status, again.stored]).toEqual([0, []]);
    const plain = await archive(where);
    expect([plain.status, plain.stored], 'parts stay parts').toEqual([0, []]);
  });

  test('comes back whole, and is found by what it holds', async () => {
    const where = await at('a', 'b', 'c', 'e', 'f');
    await archive(where, '--split');
    const before = lookAtTree(where.data);
    const { events } = await stowageJson('find', where.config, 'd/f');
    expect(events.filter((one) => one.event === 'found').map((one) => one.archive)).toEqual(['data/d.part0003.tar']);
    rmSync(where.data, { recursive: true });
    const back = await stowageJson('restore', where.config, 'data', '.');
    expect(back.status, back.out).toBe(0);
    expect([...lookAtTree(where.data).keys()]).toEqual([...before.keys()]);
    expect((await archive(where, '--split')).stored).toEqual([]);
    const verified = await stowageJson('verify', where.config, 'data', '--level', 'read');
    expect(verified.status, verified.out).toBe(0);
  });

  test('what is new goes to the last part or a new one, what was changed only to its own', async () => {
    const where = await at('a', 'b', 'c');
    await archive(where, '--split');
    plant(where.data, { 'd/0': 'x'.repeat(4000), 'd/1': 'x'.repeat(4000) });
    expect((await archive(where, '--split')).stored).toEqual(['d.part0002.tar', 'd.part0003.tar']);
    writeFileSync(join(where.data, 'd/a'), 'changed');
    expect((await archive(where, '--split')).stored).toEqual(['d.part0001.tar']);
    expect((await archive(where, '--split')).stored).toEqual([]);
  });

  test('a part that is lost from the store is made again, and no other', async () => {
    const where = await at('a', 'b', 'c', 'e', 'f');
    await archive(where, '--split');
    rmSync(join(where.vault, 'data/d.part0002.tar'));
    expect((await archive(where, '--split')).stored).toEqual(['d.part0002.tar']);
  });

  test('without a record its parts are adopted, and nothing is made again', async () => {
    const where = await at('a', 'b', 'c', 'e', 'f');
    await archive(where, '--split');
    rmSync(where.state, { recursive: true });
    rmSync(join(where.vault, '.stowage'), { recursive: true });
    const done = await archive(where, '--split');
    expect([done.status, done.stored]).toEqual([0, []]);
    expect(readdirSync(join(where.vault, 'data')).length).toBe(3);
  });

  test('one that is there stays, also if it grows beyond the limit', async () => {
    const where = await at('a', 'b');
    expect((await archive(where)).stored).toEqual(['d.tar']);
    plant(where.data, { 'd/c': 'x'.repeat(4000), 'd/e': 'x'.repeat(4000) });
    expect((await archive(where, '--split')).stored).toEqual(['d.part0001.tar']);
    expect((await archive(where, '--split')).stored).toEqual([]);
  });

  test('a member that is too large alone is refused by name, and the others are archived', async () => {
    const where = await at('a', 'b', 'c');
    writeFileSync(join(where.data, 'd/huge'), '');
    truncateSync(join(where.data, 'd/huge'), 20_000);
    const done = await archive(where, '--split');
    expect([done.status, done.stored]).toEqual([1, ['d.part0001.tar', 'd.part0002.tar']]);
    const told = done.events.find((one) => one.finding === 'refused');
    expect(told).toMatchObject({ path: 'd/huge', why: { kind: 'too-large', bytes: 20_000, limit: 10_240 } });
  });

  test('a name that a rule gives is no part', async () => {
    const where = await at('a', 'b', 'c');
    plant(where.data, { 'e/d.part0001.tar': 'a file of this name' });
    const done = await archive(where, '--split');
    expect([done.status, done.stored]).toEqual([0, ['d.part0001.tar', 'd.part0002.tar', 'd.part0003.tar']]);
    const { events } = await stowageJson('find', where.config, 'd/a');
    expect(events[0]).toMatchObject({ archive: 'data/d.part0002.tar' });
    const again = await archive(where, '--split');
    expect([again.status, again.stored]).toEqual([0, []]);
  });
});
