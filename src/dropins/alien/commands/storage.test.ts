import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type GridUser, gridUser } from '../../../../test/alien.ts';
import { needing } from '../../../../test/needing.ts';
import { hasXrootd, startXrootd, type XrootdServer } from '../../../../test/xrootd-servers.ts';

const { test } = needing(hasXrootd);
const elements = ['ALICE::HERE::ONE', 'ALICE::HERE::TWO'] as const;
const content = 'three\n';
const seed = {
  path: 'a.txt',
  size: content.length,
  md5: createHash('md5').update(content).digest('hex'),
  replicas: elements,
};

async function twoElements(): Promise<{ user: GridUser; servers: readonly XrootdServer[]; place(at: number): string }> {
  const servers = [await startXrootd({ config: ['all.sitename HERE'] }), await startXrootd()];
  onTestFinished(async () => void (await Promise.all(servers.map((one) => one.stop()))));
  const user = await gridUser({
    seed: [seed],
    elements: servers.map(({ port }, at) => ({
      name: elements[at]!,
      endpoint: `root://127.0.0.1:${port}/`,
      storagePath: '/se',
      qos: ['disk'],
    })),
  });
  const entry = user.central.world.catalogue.get(`/localhost/localdomain/user/j/jalien/${seed.path}`)!;
  const place = (at: number) => join(servers[at]!.data, new URL(entry.replicas[at]!.pfn).pathname);
  for (const at of [0, 1]) {
    mkdirSync(dirname(place(at)), { recursive: true });
    writeFileSync(place(at), content);
  }
  return { user, servers, place };
}

test('pfn-status says of each replica what its server says', async () => {
  const { user, servers, place } = await twoElements();
  const { alien } = user;
  const right = await alien('pfn-status a.txt');
  expect(right.out).toMatch(/^ALICE::HERE::ONE {2}6 {2}R[W-] {2}there\nALICE::HERE::TWO {2}6 {2}R[W-] {2}there\n$/);
  expect(right).toMatchObject({ status: 0, err: '' });

  writeFileSync(place(0), 'four\n');
  const short = await alien('pfn-status a.txt -v');
  expect(short.status).toBe(1);
  expect(short.out).toMatch(/ONE +5 .* wrong size: the catalogue says 6 +root:.*\n.*TWO +6 .* there +root:/);
  expect(short.out).not.toContain('signature');
  expect(short.err).toBe(`not as it should be: a.txt at ${elements[0]}\n`);

  rmSync(place(0));
  expect(await alien('pfn-status a.txt')).toMatchObject({ status: 1, out: expect.stringMatching(/ONE .*missing\n/) });
  const json = await alien('-json', 'pfn-status', 'a.txt');
  expect(JSON.parse(json.out)).toMatchObject({
    metadata: { exitcode: '1' },
    results: [
      {
        replicas: [
          { se: elements[0], isRight: false },
          { se: elements[1], stat: { bytes: 6 } },
        ],
      },
    ],
  });

  expect((await alien(`pfn-status ${servers[1]!.url}${place(1).slice(servers[1]!.data.length)}`)).status).toBe(0);
  expect((await alien(`pfn-status ${servers[1]!.url}se`)).out).toContain('a directory');
  await servers[1]!.stop();
  const gone = await alien('pfn-status a.txt');
  expect(gone).toMatchObject({ status: 1, out: expect.stringMatching(/TWO .*connect/) });
  expect((await alien('pfn-status nothere')).status).toBe(2);
  expect((await alien('pfn-status')).status).toBe(22);
});

test('the servers are asked by name, number and address', async () => {
  const { user, servers } = await twoElements();
  const { alien } = user;
  const address = `127.0.0.1:${servers[0]!.port}`;
  for (const name of [elements[0], '1', address, `root://${address}`]) {
    const pinged = await alien(`xrd_ping -c 2 ${name}`);
    expect(pinged, name).toMatchObject({ status: 0, err: '' });
    expect(pinged.out).toMatch(/2 pings: rtt min\/avg\/max\/mdev \(ms\) = [\d.]+(\/[\d.]+){3}\n$/);
  }
  expect((await alien('xrd_config 1')).out).toMatch(/^role +server\nsitename +HERE\nversion +v\d/);
  expect((await alien('xrd_config 2')).out).not.toContain('sitename');
  expect((await alien('xrd_config -v 2')).out).toMatch(/^sitename +\(not told\)$/m);
  expect((await alien(`xrd_config -a ${address}`)).out).toMatch(/^readv_iov_max +\d+$/m);
  expect((await alien('xrd_stats 1')).out).toMatch(/^info\.port +\d+$/m);
  expect((await alien('xrd_stats -compact 1')).out).toMatch(/^info: host=\S+ port=\d+ name=/m);
  expect((await alien('xrd_stats -xml 1')).out).toMatch(/^ {2}<stats id="info">\n {4}<host>[^<]+<\/host>\n/m);
  expect((await alien('xrd_stats -xmlraw 1')).out).toMatch(/^<statistics .*<\/statistics>\n$/);
  const sum = JSON.parse((await alien('xrd_stats 1 -json')).out);
  expect(sum.results[0].statistics['oss.paths.0.lp']).toBe('"/"');

  await servers[1]!.stop();
  const both = await alien('xrd_ping -c 1 1 2');
  expect(both.status).not.toBe(0);
  expect(both.out).toMatch(/^ALICE::HERE::ONE: connected/);
  expect(both.err).toContain(`127.0.0.1:${servers[1]!.port}`);
  expect((await alien('xrd_ping 99')).status).toBe(2);
  expect((await alien('xrd_ping')).status).toBe(22);
  expect((await alien('xrd_ping -c no 1')).status).toBe(22);
  expect((await alien('xrd_stats -nosuch 1')).status).toBe(22);
});
