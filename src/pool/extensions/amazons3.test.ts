import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { executeAmazonS3 } from './amazons3.ts';

const aws = '/usr/bin/aws';

/** As much of S3 as `aws s3 cp` and `list-objects-v2` need, in memory; it lists two keys at a time. */
async function bucketServer(): Promise<{ readonly url: string; readonly objects: Map<string, Buffer> }> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://s3');
    const key = decodeURIComponent(url.pathname).replace(/^\/bucket\/?/, '');
    const body = await bodyOf(request);
    if (request.method === 'PUT') {
      const md5 = createHash('md5').update(body);
      objects.set(key, body);
      response.setHeader('ETag', `"${md5.digest('hex')}"`).end();
    } else if (url.searchParams.get('list-type') === '2') {
      response.setHeader('Content-Type', 'application/xml').end(listing(objects, url.searchParams));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  if (!`${request.headers['content-encoding']}`.includes('aws-chunked')) return all;
  // `HEX\r\nBYTES\r\n … 0\r\nCHECKSUM`
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = all.indexOf('\r\n', at);
    const length = Number.parseInt(all.toString('latin1', at, end), 16);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(all.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

function listing(objects: ReadonlyMap<string, Buffer>, asked: URLSearchParams): string {
  const prefix = asked.get('prefix') ?? '';
  const from = Number(asked.get('continuation-token') ?? 0);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const some = keys.slice(from, from + 2);
  const isCut = from + 2 < keys.length;
  const contents = some.map((key) => {
    const shown = asked.get('encoding-type') === 'url' ? encodeURIComponent(key) : key.replaceAll('&', '&amp;');
    return `<Contents><Key>${shown}</Key><LastModified>2026-11-18T00:00:00.000Z</LastModified><ETag>"x"</ETag><Size>${objects.get(key)!.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const token = isCut ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>${prefix}</Prefix><KeyCount>${some.length}</KeyCount><MaxKeys>2</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`;
}

needing(existsSync(aws)).test('amazons3: by the real aws, page by page', async () => {
  const root = await scratchFolder();
  const at = (path: string) => join(root, path);
  const { url, objects } = await bucketServer();
  for (const folder of ['work', 'stage/2026/11/18/alpha', 'stage/2026/11/18/-beta'])
    mkdirSync(at(folder), { recursive: true });
  const inDay = {
    'alpha/a b+c.tar': 'first',
    'alpha/ä&%20.tar': 'second',
    'alpha/empty': '',
    '-beta/--delete': 'third',
    'alpha/xcback.y': 'no indicator',
  };
  for (const [path, text] of Object.entries(inDay)) writeFileSync(at(`stage/2026/11/18/${path}`), text);
  for (const path of ['cback.stage', 'alpha/cback.collect']) writeFileSync(at(`stage/2026/11/18/${path}`), '');
  // Which bucket there is, only an administrator says: an endpoint is given as they would, by what stands in for the program.
  writeFileSync(at('aws'), `#!/bin/sh\nexec ${aws} --endpoint-url ${url} "$@"\n`);
  chmodSync(at('aws'), 0o755);
  const before = { ...process.env };
  onTestFinished(() => {
    process.env = before;
  });
  Object.assign(process.env, {
    ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_DEFAULT_REGION: 'us-east-1' },
    ...{ HOME: root, AWS_EC2_METADATA_DISABLED: 'true', no_proxy: '127.0.0.1' },
  });
  const sections =
    '<stage><staging_dir>@ROOT@/stage</staging_dir><peer><name>alpha</name><type>local</type><collect_dir>@ROOT@/alpha</collect_dir></peer></stage><amazons3><s3_bucket>bucket</s3_bucket></amazons3>';
  const override = `<override><command>aws</command><abs_path>${at('aws')}</abs_path></override>`;
  const copy = () => eventsOf(executeAmazonS3(runOf(poolConfiguration(root, sections, override))));

  // A link would be followed, and what it leads to be taken for what the peer gave.
  symlinkSync('/etc/passwd', at('stage/2026/11/18/alpha/link'));
  await expect(copy()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('alpha/link') });
  expect(objects.size).toBe(0);
  execFileSync('rm', [at('stage/2026/11/18/alpha/link')]);

  await copy();
  expect(Object.fromEntries([...objects].map(([key, bytes]) => [key, bytes.toString()]))).toEqual(
    Object.fromEntries(Object.entries(inDay).map(([path, text]) => [`2026/11/18/${path}`, text])),
  );
  expect(existsSync(at('stage/2026/11/18/cback.amazons3'))).toBe(true);

  // Staged once more after a purge: what S3 alone has is not overwritten.
  execFileSync('rm', [at('stage/2026/11/18/cback.amazons3')]);
  writeFileSync(at('stage/2026/11/18/alpha/a b+c.tar'), 'other');
  await expect(copy()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('alpha/a b+c.tar') });
  expect(objects.get('2026/11/18/alpha/a b+c.tar')?.toString()).toBe('first');
});
