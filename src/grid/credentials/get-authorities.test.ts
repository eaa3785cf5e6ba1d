import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type GridUser, gridUser } from '../../../test/alien.ts';
import { runBuiltAlien } from '../../../test/built-alien.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { serverCertificate } from '../../sandbox/jalien/trust/authority.ts';
import { filesInArchive } from './authority-archive.ts';

/** Serves bytes by path, with a certificate of the central server's authority. */
async function served({ central }: GridUser, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const shown = serverCertificate(central.world.authority, 'host', 'jalien');
  const server = createServer(shown, ({ url = '' }, response) => {
    const bytes = files[url];
    if (bytes === undefined) return void response.writeHead(404).end();
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

/** A .tar.gz of this folder, made by tar. */
function packed(folder: string): Buffer {
  return execFileSync('tar', ['-cz', '-C', folder, '.'], { maxBuffer: 1 << 28 });
}

test('authorities from an archive at an https URL: then the Grid is reached by them', async () => {
  const user = await gridUser();
  const folder = await scratchFolder();
  const deep = join(folder, 'alien-cas-master', 'x'.repeat(90), 'CERN');
  mkdirSync(deep, { recursive: true });
  const ca = readFileSync(user.central.files.caFile);
  writeFileSync(join(deep, 'CERN-GridCA.pem'), ca);
  writeFileSync(join(deep, 'CERN-GridCA.info'), 'alias = CERN\n');
  writeFileSync(join(deep, 'README.md'), 'not wanted');
  symlinkSync('/etc/passwd', join(deep, 'passwd.pem'));
  const url = await served(user, { '/cas.tar.gz': packed(folder), '/cas.pem': ca });
  const alien = (variables: Readonly<Record<string, string>>, ...argv: readonly string[]) =>
    runBuiltAlien({ ...user.env, NODE_EXTRA_CA_CERTS: user.central.files.caFile, ...variables }, ...argv);
  expect(await alien({}, 'getCAcerts', `${url}/cas.tar.gz`)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^1 certificate is in /),
  });
  const to = join(user.home, '.globus/certificates');
  expect(readdirSync(to).sort()).toEqual(['CERN-GridCA.info', 'CERN-GridCA.pem']);
  expect(await alien({ X509_CERT_DIR: '', ALIENPY_USE_LOCAL_CAS: '1' }, 'pwd')).toMatchObject({ status: 0 });
  expect(await alien({}, 'getCAcerts', `${url}/cas.pem`)).toMatchObject({ status: 0 });
  expect((await alien({}, 'getCAcerts', `${url}/nothing`)).status).not.toBe(0);
  // Who serves them must be trusted already.
  expect((await alien({ NODE_EXTRA_CA_CERTS: '' }, 'getCAcerts', `${url}/cas.pem`)).status).not.toBe(0);
});

const wanted = (name: string) => /\.(pem|0)$/.test(name);

test('nothing is taken from an archive that is not what it should be', async () => {
  const { central } = await gridUser();
  const ca = readFileSync(central.files.caFile);
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'a.pem'), ca);
  const good = packed(folder);
  expect([...filesInArchive(good, 'x', wanted).keys()]).toEqual(['a.pem']);
  const tar = execFileSync('tar', ['-c', '-C', folder, '.']);
  const upwards = execFileSync('tar', ['-czP', '--transform', 's#a.pem#../../../b.pem#', '-C', folder, './a.pem']);
  // A name that leads upwards leads nowhere: only its end counts.
  expect([...filesInArchive(upwards, 'x', wanted).keys()]).toEqual([]);
  for (const [what, bytes] of [
    ['a torn gzip', good.subarray(0, good.length - 20)],
    ['no tar', gzipSync(Buffer.alloc(2048, 'x'))],
    ['a torn tar', gzipSync(tar.subarray(0, 1200))],
    ['a bomb', gzipSync(Buffer.alloc(65 << 20))],
  ] as const) {
    expect(() => filesInArchive(bytes, 'x', wanted), what).toThrow(/nothing was taken/);
  }
  writeFileSync(join(folder, 'b.pem'), 'no certificate');
  expect(() => filesInArchive(packed(folder), 'x', wanted)).toThrow(/'b.pem' in it is no certificate/);
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'b.pem'), ca);
  writeFileSync(join(folder, 'below/b.pem'), `${ca}\n`);
  expect(() => filesInArchive(packed(folder), 'x', wanted)).toThrow(/two files 'b.pem'/);
});
