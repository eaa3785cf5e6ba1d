import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { hasXrootd, startXrootd, type XrootdServer } from '../../../test/xrootd-servers.ts';
import * as names from './name-space.ts';
import { openToRead, openToWrite } from './remote-file.ts';
import { type Session, xrootdSession } from './session.ts';
import { readUrl, storeUrl } from './transfers.ts';

const { describe, test } = needing(hasXrootd);
const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { encoding: 'utf8' });

describe('a plain server', () => {
  let server: XrootdServer;
  let session: Session;
  beforeAll(async () => {
    server = await startXrootd();
    session = xrootdSession();
  });
  afterAll(async () => {
    session?.close();
    await server?.stop();
  });
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(`${server.data}/${name}`, bytes);
    return `${server.url}${name}`;
  };

  test.each([undefined, true, false])('a file is read as it is (pages: %s)', async (pages) => {
    const bytes = randomBytes(3 * 4096 + 17);
    const url = put('read', bytes);
    const file = await openToRead(session, url, pages === undefined ? {} : { pages });
    expect(file.stat).toMatchObject({ bytes: bytes.length, kind: 'file', isAsleep: false });
    for (const [offset, length] of [
      [0, bytes.length],
      [0, bytes.length + 1000],
      [4095, 2],
      [5000, 4096],
      [bytes.length - 1, 10],
      [bytes.length, 10],
    ] as const) {
      const got = await file.read(offset, Buffer.alloc(length));
      expect(Buffer.compare(got, bytes.subarray(offset, offset + length)), `${offset}+${length}`).toBe(0);
    }
    await file.close();
  });

  test.each([true, false])('a file is written as it is, and xrdcp brings it back (pages: %s)', async (pages) => {
    const bytes = randomBytes(200_001);
    const url = `${server.url}new/below/written-${pages}`;
    const file = await openToWrite(session, url, { pages });
    await Promise.all([0, 70_000, 140_000].map((at) => file.write(at, bytes.subarray(at, at + 70_000))));
    await file.sync();
    await file.close();
    run('xrdcp', '-s', '-f', url, `${server.folder}/back`);
    expect(Buffer.compare(readFileSync(`${server.folder}/back`), bytes)).toBe(0);
    await expect(openToWrite(session, url)).rejects.toMatchObject({
      code: 'exists',
      facts: { errno: 'EEXIST', number: 3018 },
    });
  });

  test('names: listed as xrdfs lists them, made, renamed, removed', async () => {
    const hard = ['with blank', 'ünï', 'a,b@c', '-n', 'x\udcffy'];
    await names.makeDirectory(session, `${server.url}n/a/m/e/s`, { parents: true });
    for (const name of hard) {
      const file = await openToWrite(session, `${server.url}n/a/m/e/s/${name}`);
      await file.write(0, Buffer.from(name));
      await file.close();
    }
    const entries = await names.listUrl(session, `${server.url}n/a/m/e/s`);
    expect(entries.map(({ name }) => name).sort()).toEqual([...hard].sort());
    const listed = execFileSync('xrdfs', [`127.0.0.1:${server.port}`, 'ls', '/n/a/m/e/s'], { encoding: 'latin1' });
    expect(listed.trim().split('\n')).toHaveLength(hard.length);
    expect(listed).toContain('/with blank\n');
    await names.moveUrl(session, `${server.url}n/a/m/e/s/with blank`, `${server.url}n/a/moved to`);
    expect(readFileSync(`${server.data}/n/a/moved to`, 'utf8')).toBe('with blank');
    await expect(names.removeDirectory(session, `${server.url}n/a/m/e/s`)).rejects.toMatchObject({
      code: 'unavailable',
    });
    for (const name of hard.slice(1)) await names.removeFile(session, `${server.url}n/a/m/e/s/${name}`);
    await names.removeDirectory(session, `${server.url}n/a/m/e/s`);
    expect(await names.statUrl(session, `${server.url}n/a/m/e/s`)).toBeUndefined();
    expect(await names.statUrl(session, `${server.url}n/a/m/e`)).toMatchObject({ kind: 'directory' });
    expect(await names.listUrl(session, `${server.url}n/a/m/e`)).toEqual([]);
    await expect(names.removeFile(session, `${server.url}n/none`)).rejects.toMatchObject({ code: 'missing' });
    await expect(names.listUrl(session, `${server.url}n/none`)).rejects.toMatchObject({ code: 'missing' });
    // The server is content with one that is there.
    await names.makeDirectory(session, `${server.url}n`);
  });

  test('checksums and settings are what xrdfs says', async () => {
    const url = put('sum', 'hello\n');
    expect(await names.checksumUrl(session, url)).toEqual({ kind: 'md5', value: 'b1946ac92492d2347c6235b4d2611184' });
    for (const kind of ['md5', 'adler32', 'crc32']) {
      const { value } = await names.checksumUrl(session, url, { kind });
      expect(run('xrdfs', `127.0.0.1:${server.port}`, 'query', 'checksum', `/sum?cks.type=${kind}`)).toBe(
        `${kind} ${value}\n`,
      );
    }
    await expect(names.checksumUrl(session, url, { kind: 'sha3' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(names.checksumUrl(session, `${url}-none`)).rejects.toMatchObject({ code: 'missing' });
    expect(await names.configOf(session, url, ['chksum', 'nothing'])).toEqual(
      new Map([
        ['chksum', '0:md5,1:adler32,2:crc32'],
        ['nothing', 'nothing'],
      ]),
    );
  });

  test('what the server refuses is told with its own words and number', async () => {
    mkdirSync(`${server.data}/shut`);
    put('shut/file', 'x');
    chmodSync(`${server.data}/shut/file`, 0o000);
    if (process.getuid?.() === 0) {
      await expect(openToRead(session, `${server.url}shut/file?authz=SECRET`)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/^cannot open root:\/\/127.0.0.1:\d+\/\/shut\/file: .*permission denied/i),
        facts: { errno: 'EACCES', number: 3010 },
      });
    }
    await expect(openToRead(session, `${server.url}shut`)).rejects.toMatchObject({ facts: { errno: 'EISDIR' } });
    await expect(openToRead(session, `${server.url}none`)).rejects.toMatchObject({ code: 'missing' });
  });

  test('a file that is cut is shorter', async () => {
    const url = put('cut', 'hello\n');
    chmodSync(`${server.data}/cut`, 0o666);
    const file = await openToWrite(session, url, { existing: 'keep' });
    await file.truncate(2);
    expect(await file.look()).toMatchObject({ bytes: 2 });
    await file.close();
    expect(readFileSync(`${server.data}/cut`, 'utf8')).toBe('he');
  });

  test('stored: whole, closed and of this size, and never over what is there', async () => {
    const bytes = randomBytes(250_000);
    expect(
      await storeUrl(session, `${server.url}stored/new`, pieces(bytes), { chunkBytes: 30_000, bytes: 250_000 }),
    ).toBe(250_000);
    expect(readFileSync(`${server.data}/stored/new`).equals(bytes)).toBe(true);
    await expect(storeUrl(session, `${server.url}stored/new`, pieces(Buffer.from('x')))).rejects.toMatchObject({
      code: 'exists',
    });
    expect(readFileSync(`${server.data}/stored/new`).equals(bytes)).toBe(true);
    expect(await storeUrl(session, `${server.url}stored/empty`, pieces(Buffer.alloc(0)))).toBe(0);
    expect(readFileSync(`${server.data}/stored/empty`)).toHaveLength(0);
  });

  test.each(['its source fails', 'its source is too short', 'it is stopped'])(
    'nothing stays of what could not be stored: %s',
    async (why) => {
      const stopping = new AbortController();
      async function* source() {
        yield* pieces(randomBytes(100_000));
        if (why === 'its source fails') throw new Error('the disk broke');
        if (why === 'it is stopped') stopping.abort();
        yield randomBytes(10);
      }
      const options = { chunkBytes: 20_000, bytes: 250_000, signal: stopping.signal };
      await expect(storeUrl(session, `${server.url}failed/file`, source(), options)).rejects.toThrow();
      expect(readdirSync(`${server.data}/failed`)).toEqual([]);
    },
  );

  test('three hundred small files at once', async () => {
    const all = Array.from({ length: 300 }, (_, index) => index);
    await Promise.all(
      all.map((index) => storeUrl(session, `${server.url}many/${index}`, pieces(Buffer.from(`file ${index}`)))),
    );
    await Promise.all(
      all.map(async (index) => {
        const got: Buffer[] = [];
        for await (const chunk of readUrl(session, `${server.url}many/${index}`)) got.push(chunk);
        expect(Buffer.concat(got).toString()).toBe(`file ${index}`);
      }),
    );
  });
});

async function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 7000) yield bytes.subarray(at, at + 7000);
}
