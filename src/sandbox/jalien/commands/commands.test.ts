import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../../test/scratch-folder.ts';
import { testCentral } from '../test-central.ts';
import { type TestClient, testClient } from '../test-client.ts';

const home = '/localhost/localdomain/user/j/jalien';
const admin = '/localhost/localdomain/user/a/admin';
const md5 = '2a3eda1796f958994b1d97dcbe5ac429';
const guid = 'be6b3580-e51f-11f1-bc98-02fc00000001';

async function session(): Promise<TestClient> {
  const seed = [{ path: 'z/small.bin', size: 3_000_000, md5, guid, ctimeMs: Date.UTC(2026, 10, 20, 8, 19, 52) }];
  return testClient(await testCentral({ seed, now: () => 1_795_206_017_208 }));
}

/** Recorded by hand from a real server: what was asked, the number and the error. */
test.each<[readonly (string | number)[], string, string]>([
  [['rm', '-rf', admin], '5', `Input/output error : Failed to remove [${admin}]`],
  [
    ['access', '-nomsg', '-s', 3, '-m', 'x', 'write', `${admin}/x`, 'disk:1'],
    '77',
    'File descriptor in bad state : No write PFNs',
  ],
  [['touch', `${admin}/x`], '0', ''],
  [['mv', 'z', `${admin}/z`], '5', `Input/output error : Failed to move z to ${admin}/z`],
  [['rmdir', admin], '1', `Operation not permitted : ${admin}`],
  [
    ['access', '-nomsg', '-s', 4, '-m', '900150983cd24fb0d6963f7d28e17f72', 'write', `${home}/z/small.bin`, 'disk:1'],
    '22',
    'Invalid argument : You seem to want to write a different file from the existing one in the catalogue',
  ],
  [['kill', 'x'], '22', 'Invalid argument : Invalid job ID: x'],
  [['listCEs'], '2', 'No such file or directory : Command [listCEs] not found!'],
  [['ls', 'z/*.nothing'], '2', 'No such file or directory : z/*.nothing'],
  [['cat', 'z/small.nothing'], '121', 'Remote I/O error : Not able to get the file: z/small.nothing'],
  [['mkdir', '-h'], '0', ''],
])('%j', async (request, exitcode, error) => {
  const [command, ...options] = request;
  expect((await (await session()).ask(String(command), ...options)).metadata).toMatchObject({ exitcode, error });
});

test.each<[readonly string[], unknown]>([
  [
    ['guid2lfn', '00000000-0000-0000-0000-000000000000'],
    [{ guid: '00000000-0000-0000-0000-000000000000', error: 'No GUID' }],
  ],
  [['setSite', 'CERN'], [{ message: 'Setting close site to CERN (was JTestSite)' }]],
  [['groups'], [{ message: 'User: jalien, main group: jalien\nMember of groups: jalien ' }]],
  [['ls', 'z/*.bin'], [{ name: 'small.bin', path: `${home}/z/small.bin`, message: 'small.bin' }]],
  [
    ['du', 'z'],
    [
      {
        message: `${home}/z\n  Folders: 1\n  Files: 1 of an apparent size of 2.861 MB, of which:\n  - physical files: 1 files of 2.861 MB with 1 replicas (avg 1 replicas/file), size of one replica: 2.861 MB`,
      },
      {
        entry: `${home}/z`,
        folders: '1',
        physical_files_count: '1',
        physical_files_size: '3000000',
        physical_files_replicas: '1',
        physical_files_one_replica_size: '3000000',
        logical_files_count: '0',
        logical_files_size: '0',
      },
    ],
  ],
  [
    ['toXml', `${home}/z/small.bin`],
    [
      {
        message: `<?xml version="1.0"?>\n<alien>\n  <collection name="tempCollection">\n    <event name="1">\n      <file name="small.bin" aclId="" broken="0" ctime="2026-11-20 08:19:52" dir="7" entryId="8" expiretime="" gowner="jalien" guid="${guid}" guidtime="11F1E51F" jobid="" lfn="${home}/z/small.bin" md5="${md5}" owner="jalien" perm="755" replicated="0" size="3000000" turl="alien://${home}/z/small.bin" type="f" />\n    </event>\n    <info command="${home}/z/small.bin" creator="jalien" date="Fri Nov 20 20:20:17 UTC 2026" timestamp="1795206017208" />\n  </collection>\n</alien>`,
      },
    ],
  ],
  [
    ['uptime'],
    [
      {
        'running jobs': ' 0',
        'waiting jobs': ' 0',
        'active users': ' 0',
        message: '0 running jobs, 0 waiting jobs, 0 active users',
      },
    ],
  ],
  [
    ['w'],
    [
      {
        value:
          '     Account name         |  Active jobs | Waiting jobs\n--------------------------+--------------+--------------\n--------------------------+--------------+--------------\n     TOTAL                |            0 |            0\n',
        message:
          '     Account name         |  Active jobs | Waiting jobs\n--------------------------+--------------+--------------\n--------------------------+--------------+--------------\n     TOTAL                |            0 |            0',
      },
    ],
  ],
])('%j answers', async ([command, ...options], results) => {
  expect((await (await session()).ask(command!, ...options)).results).toEqual(results);
});

test('time runs a command several times into one reply', async () => {
  const [said] = (await (await session()).ask('time', '2', 'pwd')).results;
  expect(said!.pwd).toBe(`${home}/`);
  expect(said!.message).toMatch(new RegExp(`^${home}/\n${home}/\n"pwd" with #2 tries,\tavr/total msec:\t\t\\d+/\\d+$`));
});

test('times of commands are told when asked for', async () => {
  const client = await session();
  await client.ask('timing', 'on');
  expect(Object.keys((await client.ask('pwd')).metadata)).toEqual([
    'currentdir',
    'exitcode',
    'timing_ms',
    'error',
    'user',
  ]);
});

test('a file that is moved onto a file lands beside it', async () => {
  const client = await session();
  for (const name of ['a', 'b']) await client.ask('touch', name);
  await client.ask('mv', 'a', 'b');
  expect((await client.ask('ls')).results.map(({ name }) => name)).toEqual(['b', 'b_backup', 'z']);
});

test('a directory moves with all that is in it, and into a directory that is there', async () => {
  const client = await session();
  await client.ask('mkdir', '-p', 'deep/er', 'there');
  await client.ask('touch', 'deep/er/leaf');
  await client.ask('mv', 'deep', 'there');
  const found = await client.ask('find', `${home}/there`, '*');
  expect(found.results.map(({ lfn }) => lfn)).toEqual([`${home}/there/deep/er/leaf`]);
  expect((await client.ask('mv', 'there', 'there/deep/in')).metadata.exitcode).toBe('5');
});

test('names of any kind come back as they went in', async () => {
  const client = await session();
  const names = ['a b', 'x,y@z', '#%', "it's", 'ü–ñ', '日本', 'a"b', 'back\\slash'];
  await client.ask('touch', ...names);
  const listed = (await client.ask('ls', '-nomsg')).results.map(({ name }) => name as string);
  expect(listed).toEqual([...names, 'z'].sort((a, b) => (a < b ? -1 : 1)));
});

test('hidden names show with -a alone', async () => {
  const client = await session();
  await client.ask('touch', '.hidden', 'seen');
  expect((await client.ask('ls')).results.map(({ name }) => name)).toEqual(['seen', 'z']);
  expect((await client.ask('ls', '-a')).results.map(({ name }) => name)).toEqual(['.hidden', 'seen', 'z']);
});

test('a job waits, can be looked at, and is killed', async () => {
  const client = await session();
  await client.ask('touch', 'job.jdl');
  const id = (await client.ask('submit', 'job.jdl')).results[0]!.jobId as string;
  expect((await client.ask('ps')).results).toMatchObject([{ id, status: 'WAITING', owner: 'jalien' }]);
  expect((await client.ask('kill', id)).results).toMatchObject([{ jobid: id, status: 'KILLED' }]);
  expect((await client.ask('ps', '-f', 'WAITING')).results).toEqual([]);
  const trace = (await client.ask('ps', '-trace', id)).results.map(({ message }) => message as string);
  expect(trace.at(-1)).toMatch(/^\d{10} \[state +\]: Job state transition from WAITING to KILLED$/);
});

test('-pwd sets the directory, and helps to ask for something elsewhere', async () => {
  const client = await session();
  const reply = await client.ask('ls', `-pwd=${home}/z`);
  expect(reply.results.map(({ name }) => name)).toEqual(['small.bin']);
  expect(reply.metadata.currentdir).toBe(`${home}/z/`);
});

test('mirror copies what a storage element holds to another one, or says why not', async () => {
  const folder = await scratchFolder();
  const elements = ['FIRSTSE', 'SECONDSE', 'FARSE'].map((name, index) => ({
    ...{ name: `LOCALHOST::JTESTSITE::${name}`, endpoint: `root://127.0.0.1:${21094 + index}/`, storagePath: '/jse' },
    qos: ['disk'],
    ...(name === 'FARSE' ? {} : { folder: join(folder, name) }),
  }));
  for (const { folder: one } of elements) if (one !== undefined) mkdirSync(one);
  const content = 'abc';
  const sums = { size: 3, md5: '900150983cd24fb0d6963f7d28e17f72' };
  const seed = [
    { path: 'f', ...sums },
    { path: 'lost', ...sums },
    { path: 'wrong', ...sums, md5: '0'.repeat(32) },
  ];
  const client = await testClient(await testCentral({ elements, seed }));
  const placed = async (name: string, from = 0) => {
    const pfns = (await client.ask('whereis', name)).results.map(({ pfn }) => String(pfn));
    return join(folder, from === 0 ? 'FIRSTSE' : 'SECONDSE', pfns[from]!.slice(elements[from]!.endpoint.length));
  };
  for (const name of ['f', 'wrong']) {
    mkdirSync(dirname(await placed(name)), { recursive: true });
    writeFileSync(await placed(name), content);
  }
  const [first, second, far] = elements.map(({ name }) => name) as [string, string, string];
  const asked = async (...args: readonly string[]) => (await client.ask('mirror', ...args)).metadata;
  expect(await asked('f', second.toLowerCase())).toMatchObject({ exitcode: '0' });
  expect(readFileSync(await placed('f', 1), 'utf8')).toBe(content);
  for (const [args, exitcode, error] of [
    [['nothere', second], '2', 'nothere'],
    [['.', second], '22', 'not a file'],
    [['f', first], '121', 'already'],
    [['f', 'A::B::C'], '121', 'no such storage element'],
    [['f', far], '121', 'cannot write'],
    [['lost', second], '121', 'no replica can be read'],
    [['wrong', second], '121', 'not what the catalogue says'],
  ] as const) {
    expect(await asked(...args), args.join(' ')).toMatchObject({ exitcode, error: expect.stringContaining(error) });
  }
  expect((await client.ask('whereis', 'wrong')).results).toHaveLength(1);
  expect((await client.ask('listTransfer')).metadata.exitcode).toBe('0');
});

test('what no real answer is known of is told, and not done', async () => {
  const client = await session();
  for (const name of ['testSE', 'registerOutput', 'changeDiff', 'showTagValue', 'df']) {
    expect((await client.ask(name, 'x')).metadata, name).toMatchObject({ exitcode: '38' });
  }
  expect((await client.ask('packages')).results).toEqual([{ message: 'There are no packages' }]);
  expect((await client.ask('top')).metadata.exitcode).toBe('0');
});
