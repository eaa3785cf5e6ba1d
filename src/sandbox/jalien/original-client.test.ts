import { expect, test } from 'vitest';
import { testCentral } from './test-central.ts';
import { type TestClient, testClient } from './test-client.ts';

/** What alien.py 1.4.1 of June 2022 was seen to send to the sandbox, and what it ended with a trace without. */
const home = '/localhost/localdomain/user/j/jalien';
const lfn = `${home}/t/hello.txt`;
const md5 = 'b1946ac92492d2347c6235b4d2611184';
const elements = ['FIRSTSE', 'SECONDSE'].map((name) => ({
  name: `LOCALHOST::JTESTSITE::${name}`,
  endpoint: 'root://127.0.0.1:1094/',
  storagePath: `/${name.toLowerCase()}`,
  qos: ['disk'],
}));
const quotas = {
  files: new Map([['jalien', { maxFiles: 100_000, maxSize: 1e12 }]]),
  jobs: new Map([['jalien', { maxJobs: 100 }]]),
};

async function session(): Promise<TestClient> {
  return testClient(await testCentral({ elements, quotas }));
}

test('a session begins with the list of commands, of which it takes these away', async () => {
  const { metadata, results } = await (await session()).ask('commandlist');
  expect(metadata).toMatchObject({ user: 'jalien', currentdir: `${home}/` });
  const taken = ['jquota', 'fquota', 'cd', 'cp', 'ping', 'ps', 'submit', 'token', 'user', 'cat', 'toXml'];
  expect(results.map(({ commandlist }) => commandlist)).toEqual(expect.arrayContaining(taken));
});

test('quota divides by what it is told, and newer clients write two of the keys otherwise', async () => {
  const client = await session();
  const [jobs] = (await client.ask('jquota', '-nomsg', 'list', 'jalien')).results;
  const [files] = (await client.ask('fquota', '-nomsg', 'list', 'jalien')).results;
  const most = ['maxTotalRunningTime', 'maxTotalCpuCost', 'maxUnfinishedJobs'];
  const both = ['nominalparallelJobs', 'maxparallelJobs', 'nominalParallelJobs', 'maxParallelJobs'];
  for (const key of [...most, ...both]) expect(Number(jobs![key]), key).toBeGreaterThan(0);
  for (const key of ['totalRunningTimeLast24h', 'totalCpuCostLast24h', 'waiting', 'running']) {
    expect(jobs![key], key).toMatch(/^\d+$/);
  }
  expect(jobs!.username).toBe('jalien');
  for (const key of ['maxTotalSize', 'maxNbFiles']) expect(Number(files![key]), key).toBeGreaterThan(0);
  for (const key of ['totalSize', 'nbFiles']) expect(files![key], key).toMatch(/^\d+$/);
});

test('an upload: two commits at once, each with an answer; then a download by the same keys', async () => {
  const client = await session();
  expect((await client.ask('stat', '-nomsg', lfn)).metadata.exitcode).toBe('2');
  expect((await client.ask('mkdir', '-nomsg', '-p', `${home}/t`)).metadata.exitcode).toBe('0');
  const write = await client.ask('access', '-nomsg', '-s', 6, '-m', md5, 'write', lfn, 'disk:2');
  expect(write.results.map(({ se }) => se)).toEqual(elements.map(({ name }) => name));
  for (const { envelope, url, guid, se } of write.results) {
    const options = ['-nokeys', envelope, 6, lfn, '644', '0', url, se, guid, md5];
    client.say(JSON.stringify({ command: 'commit', options }));
  }
  for (const _ of elements) {
    expect(JSON.parse(await client.hear()).metadata).toMatchObject({ exitcode: '0', user: 'jalien' });
  }
  const [stat] = (await client.ask('stat', '-nomsg', lfn)).results;
  expect(stat).toMatchObject({ lfn, type: 'f', perm: '755', owner: 'jalien', gowner: 'jalien', size: '6', md5 });
  expect(stat!.ctime).toMatch(/^\d+$/);
  const read = await client.ask('access', '-nomsg', 'read', lfn);
  expect(read.results).toHaveLength(2);
  for (const replica of read.results) {
    expect(replica).toMatchObject({ size: '6', md5, nSEs: '2', envelope: expect.stringContaining('&signature=') });
  }
  const found = (await client.ask('find', '-nomsg', '-f', '-a', '-s', `${home}/t/`, '*')).results;
  expect(found).toMatchObject([{ lfn, size: '6', md5, owner: 'jalien', gowner: 'jalien', jobid: '-1' }]);
});

test('edit asks with an empty place how many replicas there would be, and stores as many', async () => {
  const client = await session();
  await client.ask('mkdir', '-nomsg', '-p', `${home}/t`);
  const asked = await client.ask('access', '-nomsg', '-s', 6, '-m', md5, 'write', lfn, '');
  expect(asked.results.map(({ se, nSEs }) => [se, nSEs])).toEqual(elements.map(({ name }) => [name, '2']));
});

test('getSE and SEqos read these of every storage element', async () => {
  const { results } = await (await session()).ask('listSEs', '-nomsg');
  expect(results).toMatchObject([
    { seNumber: '1', seName: elements[0]!.name, endpointUrl: 'root://127.0.0.1:1094//firstse', qos: 'disk' },
    { seNumber: '2', seName: elements[1]!.name, endpointUrl: 'root://127.0.0.1:1094//secondse', qos: 'disk' },
  ]);
});

test.each([[[]], [['-v', '1']], [['-nomsg', '-v', '1']]])('token-init asks with -nomsg %j', async (more) => {
  const { metadata, results } = await (await session()).ask('token', '-nomsg', ...more);
  expect(metadata.exitcode).toBe('0');
  expect(results[0]!.tokencert).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  expect(results[0]!.tokenkey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
});

test('ps -trace: each line is a message that begins with its time', async () => {
  const client = await session();
  for (const [command, ...options] of [
    ['access', '-nomsg', '-s', 6, '-m', md5, 'write', lfn, 'disk:1'],
    ['mkdir', '-nomsg', '-p', `${home}/t`],
  ] as const) {
    const { results } = await client.ask(command, ...options);
    if (command === 'access') await client.ask('commit', results[0]!.envelope, 6, lfn, '644', '0', 'u', 's', 'g', md5);
  }
  const id = (await client.ask('submit', lfn)).results[0]!.jobId;
  const { results } = await client.ask('ps', '-trace', id);
  expect(results.length).toBeGreaterThan(0);
  for (const { message } of results) expect(message).toMatch(/^\d{10} \[/);
});

test('what does not fit into a request is two errors without a user, which ends that client as on the real Grid', async () => {
  const client = await session();
  client.say(JSON.stringify({ command: 'ls', options: ['-nokeys', '-F', 'a'.repeat(9000)] }));
  for (const _ of [1, 2]) {
    const { metadata } = JSON.parse(await client.hear());
    expect(metadata).toEqual({ exitcode: '-1', error: 'Incoming JSON not ok' });
  }
});
