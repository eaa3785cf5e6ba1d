import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../../test/built-cli.ts';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { statUrl } from '../../grid/xrootd/name-space.ts';
import { xrootdSession } from '../../grid/xrootd/session.ts';
import { findProgram } from '../../programs/find-program.ts';
import { type ScratchGrid, type ScratchGridOptions, startScratchGrid } from './scratch-grid.ts';
import { type TestClient, testClient } from './test-client.ts';
import { freePort, hasXrootd } from './xrootd.ts';

const hasTools = hasXrootd() && findProgram('xrdcp') !== undefined;

async function startedGrid(folder: string, options: ScratchGridOptions = {}): Promise<ScratchGrid> {
  const grid = await startScratchGrid(folder, options);
  onTestFinished(() => grid.stop());
  return grid;
}

/** By the token and the CA that the variables name, as a client would. */
function asTold({ variables }: ScratchGrid): Promise<TestClient> {
  const files = { caFile: join(variables.X509_CERT_DIR!, 'sandbox-ca.pem'), userCert: '', userKey: '' };
  const identity = { cert: variables.JALIEN_TOKEN_CERT!, key: variables.JALIEN_TOKEN_KEY! };
  return testClient({ port: Number(variables.ALIENPY_JCENTRAL_PORT), files }, identity);
}

needing(hasTools).test('xrdcp puts and gets a file by envelopes, at real storage elements', async () => {
  const folder = await scratchFolder();
  // Storage elements that are started by the superuser run as somebody else.
  chmodSync(folder, 0o755);
  const grid = await startedGrid(join(folder, 'grid'));
  const client = await asTold(grid);
  const file = join(folder, 'a file.txt');
  const content = 'what the detector saw\n'.repeat(1000);
  writeFileSync(file, content);
  const md5 = createHash('md5').update(content).digest('hex');
  const lfn = `${grid.home}/run 1/a&b.txt`;
  const booked = (await client.ask('access', '-s', content.length, '-m', md5, 'write', lfn, 'disk:2')).results;
  expect(booked).toHaveLength(2);
  for (const { url, envelope } of booked) {
    const address = `${url}?xrd.wantprot=unix&authz=${envelope}`;
    expect(await runProgram('xrdcp', ['-f', '--nopbar', '--cksum', `md5:${md5}`, file, address])).toMatchObject({
      status: 0,
    });
    expect((await client.ask('commit', envelope)).metadata.exitcode).toBe('0');
  }
  const back = join(folder, 'back.txt');
  const read = (await client.ask('access', 'read', lfn)).results;
  expect(read.map(({ se }) => se)).toEqual(grid.elements.map(({ name }) => name));
  const address = `${read[1]!.url}?xrd.wantprot=unix&authz=${read[1]!.envelope}`;
  expect(await runProgram('xrdcp', ['--nopbar', address, back])).toMatchObject({ status: 0 });
  expect(readFileSync(back, 'utf8')).toBe(content);
  expect((await client.ask('cat', lfn)).results[0]!.message).toBe('what the detector saw');

  // What the server brings to another storage element is there, and that one still takes what others write beside it.
  const few = `${grid.home}/run 1/one.txt`;
  const [one] = (await client.ask('access', '-s', content.length, '-m', md5, 'write', few, grid.elements[0]!.name))
    .results;
  const authorised = `${one!.url}?xrd.wantprot=unix&authz=${one!.envelope}`;
  expect(await runProgram('xrdcp', ['--nopbar', file, authorised])).toMatchObject({ status: 0 });
  expect((await client.ask('commit', one!.envelope)).metadata.exitcode).toBe('0');
  expect((await client.ask('mirror', few, grid.elements[1]!.name)).metadata.exitcode).toBe('0');
  const [, second] = (await client.ask('whereis', few)).results;
  expect(await runProgram('xrdcp', ['-f', '--nopbar', second!.pfn, back])).toMatchObject({ status: 0 });
  expect(readFileSync(back, 'utf8')).toBe(content);
  expect(await runProgram('xrdcp', ['--nopbar', file, `${second!.pfn}-beside`])).toMatchObject({ status: 0 });

  await expect(startScratchGrid(join(folder, 'grid'))).rejects.toMatchObject({ code: 'locked' });

  // Stopped and started again, it goes on, though its ports are others.
  await grid.stop();
  const again = await startedGrid(join(folder, 'grid'));
  expect(again.made).toBe(false);
  const [replica] = (await (await asTold(again)).ask('whereis', lfn)).results;
  expect(replica!.pfn.startsWith(again.elements[0]!.url)).toBe(true);
  expect(await runProgram('xrdcp', ['-f', '--nopbar', replica!.pfn, back])).toMatchObject({ status: 0 });
  expect(readFileSync(back, 'utf8')).toBe(content);
});

test('far away: each round trip takes longer, to the central server and to the storage elements', async () => {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const port = await freePort();
  const grid = await startedGrid(join(folder, 'grid'), { latencyMs: 60, port });
  expect(grid.central).toBe(`wss://localhost:${port}/websocket/json`);
  const client = await asTold(grid);
  const began = performance.now();
  expect((await client.ask('pwd')).metadata.exitcode).toBe('0');
  expect(performance.now() - began).toBeGreaterThan(55);
  if (!grid.hasStorage) return;
  const asked = performance.now();
  await statUrl(xrootdSession(), `${grid.elements[0]!.url}/none`);
  // To connect, to begin, to log in, to look.
  expect(performance.now() - asked).toBeGreaterThan(4 * 55);
});

test('a folder with something else in it is refused', async () => {
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'thesis.tex'), '');
  await expect(startScratchGrid(folder)).rejects.toMatchObject({ code: 'refused' });
});

test('a script of faults with a slip is refused, and nothing is left behind', async () => {
  const folder = await scratchFolder();
  const faults = join(folder, 'faults.json');
  for (const script of [
    '{',
    '{}',
    '{"faults":[{"do":{"kind":"explode"}}]}',
    '{"faults":[{"when":1,"do":{"kind":"drop"}}]}',
  ]) {
    writeFileSync(faults, script);
    await expect(startScratchGrid(join(folder, 'grid'), { faults })).rejects.toMatchObject({ code: 'configuration' });
  }
  expect(existsSync(join(folder, 'grid'))).toBe(false);
});
