import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../durable/folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { filesInArchive, isGzip } from './authority-archive.ts';

const kept = /\.(pem|crt|0|1|2|signing_policy|namespaces|info|crl_url|r0)$/;
const mostBytes = 16 * 1024 * 1024;

/**
 * Copies the certificates of authorities from a folder (with those below it), or from the PEM text or the .tar.gz at an https URL, into `to`. Files there are
 * replaced one by one; others stay. Gives the number of certificates. Rejects with `missing` where there are none.
 */
export async function getAuthorities(from: string, to: string, signal?: AbortSignal): Promise<number> {
  const found = /^[a-z]+:\/\//i.test(from) ? await fromUrl(from, signal) : await fromFolder(from);
  const count = [...found.keys()].filter((name) => name.endsWith('.pem')).length;
  if (count === 0) {
    throw new StowageError('missing', `there are no certificates in '${displayName(from)}'`, { facts: { errno: 2 } });
  }
  await makeFolder(realFiles, to);
  for (const [name, bytes] of found) await writeWhole(realFiles, join(to, name), bytes, { replace: true, mode: 0o644 });
  return count;
}

async function fromFolder(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const hidden = join(entry.parentPath, entry.name).includes('/.');
      if (hidden || !kept.test(entry.name) || entry.isDirectory()) continue;
      found.set(entry.name, await readFile(join(entry.parentPath, entry.name)));
    }
  } catch (error) {
    throw fileError(`cannot read '${displayName(folder)}'`, error);
  }
  return found;
}

async function fromUrl(from: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
  const url = new URL(from);
  if (url.protocol !== 'https:') {
    throw new StowageError(
      'refused',
      `${from}: certificates of authorities are not taken over a connection that anybody can change`,
      {
        hint: 'use an https URL, or a folder',
        facts: { errno: 22 },
      },
    );
  }
  const bytes = await bytesAt(url, signal);
  if (isGzip(bytes)) return filesInArchive(bytes, from, (name) => kept.test(name));
  const text = bytes.toString('utf8');
  const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return new Map(pems.map((pem, index) => [nameOf(pem, basename(url.pathname), index), Buffer.from(`${pem}\n`)]));
}

async function bytesAt(url: URL, signal?: AbortSignal): Promise<Buffer> {
  try {
    const reply = await fetch(url, signal === undefined ? {} : { signal });
    if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of reply.body ?? []) {
      length += (chunk as Uint8Array).byteLength;
      if (length > mostBytes) throw new Error('it is too large');
      chunks.push(chunk as Uint8Array);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new StowageError('unavailable', `cannot get ${url.href}: ${error instanceof Error ? error.message : error}`, {
      facts: { errno: 5 },
      cause: error,
    });
  }
}

/** By the common name, as the collections of the Grid name theirs. */
function nameOf(pem: string, source: string, index: number): string {
  try {
    const { subject, fingerprint256 } = new X509Certificate(pem);
    const common =
      subject
        .split('\n')
        .findLast((line) => /^(CN|OU|O)=/.test(line))
        ?.replace(/^\w+=/, '') ?? source;
    const plain = common.replace(/[^A-Za-z0-9]+/g, '').slice(0, 60);
    return `${plain}-${fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}.pem`;
  } catch (error) {
    throw new StowageError('corrupt', `certificate ${index + 1} of ${source} cannot be read`, {
      facts: { errno: 5 },
      cause: error,
    });
  }
}
