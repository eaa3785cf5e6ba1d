import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { openSmall, type SmallProject, smallKeys, smallProject } from '../../../test/small-project.ts';
import { archived, type Told, told } from '../../../test/told.ts';
import type { Event } from '../events.ts';
import { type VerifyOptions, verify } from './verify.ts';

let small: SmallProject;

beforeEach(async () => {
  small = smallProject(await scratchFolder());
  await archived(await openSmall(small));
});

/** Each run stands an hour after the one before; each look at the clock takes a second. */
async function verified(options: Partial<VerifyOptions>): Promise<Told> {
  return told(verify(await openSmall(small), { level: 'read', ...options }));
}

const looked = ({ events }: Told) =>
  events.flatMap((event) => (event.kind === 'verdict' ? [event.verdict.archive] : []));

function of<K extends Event['kind']>({ events }: Told, kind: K): (Event & { readonly kind: K }) | undefined {
  return events.find((event): event is Event & { readonly kind: K } => event.kind === kind);
}

test('run after run, each stopped by the time, comes to all archives, and then to the oldest again', async () => {
  const runs: (readonly string[])[] = [];
  for (let run = 0; run < 4; run += 1) {
    const one = await verified({ maxDuration: 3 });
    expect([one.status, one.error]).toEqual([0, undefined]);
    expect(looked(one).length).toBeGreaterThan(0);
    expect(of(one, 'postponed')?.archives).toBe(4 - looked(one).length);
    runs.push(looked(one));
  }
  const all = runs.flat();
  expect(all.slice(0, 4)).toEqual(smallKeys);
  expect(all.slice(4)).toEqual(smallKeys.slice(0, all.length - 4));
});

test('even when no time is left one archive is looked at, so that it goes on', async () => {
  expect(looked(await verified({ maxDuration: 1e-9 }))).toEqual(smallKeys.slice(0, 1));
});

test('what was found intact not long ago is left out, and counted; a run in time leaves nothing', async () => {
  expect(looked(await verified({ archives: ['raw_1.tar'], section: 'data' }))).toEqual(['data/raw_1.tar']);
  const rest = await verified({ maxAge: 86_400, maxDuration: 86_400 });
  expect(looked(rest)).toEqual(smallKeys.filter((key) => key !== 'data/raw_1.tar'));
  expect(of(rest, 'verified')).toMatchObject({ intact: 3, recent: 1 });
  expect(of(rest, 'postponed')).toBeUndefined();
  const again = await verified({ maxAge: 86_400 });
  expect([again.status, looked(again), of(again, 'verified')?.recent]).toEqual([0, [], 4]);
  // A closer look is another matter than this one, and a less close one is in it.
  expect(looked(await verified({ level: 'size', maxAge: 86_400 }))).toEqual([]);
  expect(looked(await verified({ maxAge: 60 }))).toHaveLength(4);
});

test('what is damaged is looked at again, however often, and makes exit 1', async () => {
  truncateSync(join(small.vault, 'data/raw_2.tar'), 100);
  expect((await verified({})).status).toBe(1);
  const again = await verified({ maxAge: 86_400 });
  expect([again.status, looked(again)]).toEqual([1, ['data/raw_2.tar']]);
});

test('a sample says what it tells about all, and its seed draws it again', async () => {
  const first = await verified({ sample: { archives: 2 } });
  const { seed } = of(first, 'sample')!;
  expect(of(first, 'sample')).toMatchObject({ archives: 2, of: 4 });
  expect(of(first, 'verified')?.sample).toEqual({ archives: 2, of: 4, bad: 0, atMost: 2, confidence: 0.95 });
  expect(looked(await verified({ sample: { archives: 2 }, seed }))).toEqual(looked(first));
  truncateSync(join(small.vault, looked(first)[0]!), 100);
  const bad = await verified({ sample: { share: 0.5 }, seed });
  expect([bad.status, of(bad, 'verified')?.sample]).toMatchObject([1, { bad: 1, atMost: 3 }]);
});

test('a sample that was not looked at to its end says nothing about all; gone on with, it does', async () => {
  const options = { sample: { archives: 3 }, seed: 's', maxAge: 86_400 };
  const first = await verified({ ...options, maxDuration: 1 });
  expect(of(first, 'verified')).not.toHaveProperty('sample');
  const left = of(first, 'postponed')!.archives;
  const second = await verified(options);
  expect(looked(second)).toHaveLength(left);
  expect(of(second, 'verified')?.sample).toEqual({ archives: 3, of: 4, bad: 0, atMost: 1, confidence: 0.95 });
});
