import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Central } from '../start-central.ts';
import { testCentral } from '../test-central.ts';
import { type TestClient, testClient } from '../test-client.ts';

const home = '/localhost/localdomain/user/j/jalien';
const lfn = `${home}/in/a & b=c, ü.txt`;
const md5 = '900150983cd24fb0d6963f7d28e17f72';
const elements = ['ONE', 'TWO', 'TAPE'].map((name) => ({
  name: `LOCALHOST::SITE::${name}`,
  endpoint: `root://127.0.0.1:1/`,
  storagePath: `/${name.toLowerCase()}`,
  qos: name === 'TAPE' ? ['tape', 'custodial'] : ['disk'],
}));

async function place(): Promise<{ central: Central; client: TestClient }> {
  const central = await testCentral({ elements });
  return { central, client: await testClient(central) };
}

async function book(client: TestClient, ...specs: readonly string[]): Promise<readonly Record<string, string>[]> {
  return (await client.ask('access', '-s', 3, '-m', md5, 'write', lfn, ...specs)).results;
}

const commit = (client: TestClient, envelope: string) =>
  client.ask('commit', envelope, 3, lfn, '644', '0', 'pfn', 'se', 'guid', 'md5');

test('an envelope is signed over all before its signature, in the order that it tells', async () => {
  const { central, client } = await place();
  const [booked] = await book(client, 'disk:1');
  const [, text, signature] = /^(.*)&signature=(.*)$/s.exec(booked!.envelope!)!;
  const key = createPublicKey(central.world.authority.hostKey);
  expect(verify('sha384', Buffer.from(text!), key, Buffer.from(signature!, 'base64'))).toBe(true);
  const order = /&hashord=([^&]*)/.exec(text!)![1]!.split('-');
  expect(order).toEqual('turl-access-lfn-guid-size-md5-se-hashord-issuer-issued-expires'.split('-'));
  expect(text).toBe(order.map((name) => `${name}=${fieldOf(text!, name, order)}`).join('&'));
});

function fieldOf(text: string, name: string, order: readonly string[]): string {
  const next = order[order.indexOf(name) + 1];
  const from = text.indexOf(`${name}=`) + name.length + 1;
  return text.slice(from, next === undefined ? undefined : text.indexOf(`&${next}=`, from));
}

test('book, commit, find; a second commit registers nothing', async () => {
  const { client } = await place();
  const booked = await book(client, 'disk:2');
  expect(booked.map(({ se }) => se)).toEqual(['LOCALHOST::SITE::ONE', 'LOCALHOST::SITE::TWO']);
  expect(new Set(booked.map(({ guid }) => guid)).size).toBe(1);
  const [first, second] = booked;
  expect(await commit(client, first!.envelope!)).toMatchObject({
    metadata: { exitcode: '0' },
    results: [{ path: lfn, lfn: '1' }],
  });
  expect(await commit(client, first!.envelope!)).toMatchObject({
    metadata: { exitcode: '53' },
    results: [{ path: lfn, lfn: '0' }],
  });
  expect((await commit(client, second!.envelope!)).results[0]!.lfn).toBe('1');
  expect((await client.ask('stat', lfn)).results[0]).toMatchObject({ size: '3', md5, guid: first!.guid, perm: '755' });
  expect((await client.ask('whereis', lfn)).results.map(({ pfn }) => pfn)).toEqual(booked.map(({ url }) => url));
  const read = (await client.ask('access', 'read', lfn)).results;
  expect(read.map(({ url, nSEs, tags }) => ({ url, nSEs, tags }))).toEqual(
    booked.map(({ url }) => ({ url, nSEs: '2', tags: '[disk]' })),
  );
});

test('an envelope is used up, also where the file has gone again', async () => {
  const { client } = await place();
  const [booked] = await book(client, 'disk:1');
  await commit(client, booked!.envelope!);
  await client.ask('rm', lfn);
  expect((await commit(client, booked!.envelope!)).metadata.exitcode).toBe('53');
  expect((await client.ask('stat', lfn)).metadata.exitcode).toBe('2');
});

test('an envelope that was tampered with, or is for reading, registers nothing', async () => {
  const { client } = await place();
  const { envelope } = (await book(client, 'disk:1'))[0]!;
  for (const bad of [envelope!.replace('size=3', 'size=4'), envelope!.slice(0, -8), 'garbage', 'a&signature=b']) {
    expect((await commit(client, bad)).metadata.exitcode).toBe('53');
  }
  await commit(client, envelope!);
  const [read] = (await client.ask('access', 'read', lfn)).results;
  expect((await commit(client, read!.envelope)).metadata.exitcode).toBe('53');
});

test('the second of two who book one name loses', async () => {
  const { client } = await place();
  const [one] = await book(client, 'disk:1');
  const [two] = await book(client, 'disk:1');
  expect((await commit(client, one!.envelope!)).metadata.exitcode).toBe('0');
  expect((await commit(client, two!.envelope!)).metadata.exitcode).toBe('53');
  expect((await client.ask('stat', lfn)).results[0]!.guid).toBe(one!.guid);
});

test('a booking ends after a day', async () => {
  let ms = Date.now();
  const central = await testCentral({ elements, now: () => ms });
  const client = await testClient(central);
  const [booked] = await book(client, 'disk:1');
  ms += 86_400_001;
  expect((await commit(client, booked!.envelope!)).metadata.exitcode).toBe('53');
});

test.each<[string, readonly string[]]>([
  ['', ['ONE', 'TWO']],
  ['disk:1', ['ONE']],
  ['disk=5', ['ONE', 'TWO']],
  ['tape:1,disk:1', ['TAPE', 'ONE']],
  ['LOCALHOST::SITE::TWO', ['TWO']],
  ['localhost::site::two,disk:1', ['TWO', 'ONE']],
  ['disk:2,!LOCALHOST::SITE::ONE', ['TWO']],
])('specs %s', async (specs, names) => {
  const { client } = await place();
  const booked = await book(client, ...(specs === '' ? [] : [specs]));
  expect(booked.map(({ se }) => se!.split('::')[2])).toEqual(names);
});

test('more replicas of the same file go to other places', async () => {
  const { client } = await place();
  const [one] = await book(client, 'disk:1');
  await commit(client, one!.envelope!);
  const more = await book(client, 'disk:2');
  expect(more.map(({ se, guid }) => [se, guid])).toEqual([['LOCALHOST::SITE::TWO', one!.guid]]);
  expect((await commit(client, more[0]!.envelope!)).metadata.exitcode).toBe('0');
  expect((await client.ask('whereis', lfn)).results).toHaveLength(2);
  const strict = await client.ask('access', '-f', 'read', lfn, 'LOCALHOST::SITE::TWO');
  expect(strict.results.map(({ se }) => se)).toEqual(['LOCALHOST::SITE::TWO']);
});

test('what is booked and registered outlives a kill, with a state folder', async () => {
  const first = await testCentral({ elements });
  const state = `${first.files.caFolder}/../state`;
  const before = await testCentral({ elements, state });
  const client = await testClient(before);
  const [booked] = await book(client, 'disk:1');
  await client.ask('mkdir', 'gone');
  await client.ask('rmdir', 'gone');
  await before.stop();
  const folder = before.files.caFolder.replace(/\/[^/]*$/, '');
  const again = await testClient(await testCentral({ elements, state, folder }));
  expect((await commit(again, booked!.envelope!)).metadata.exitcode).toBe('0');
  expect((await again.ask('ls')).results.map(({ name }) => name)).toEqual(['in']);
});
