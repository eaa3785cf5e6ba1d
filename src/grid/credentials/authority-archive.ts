import { X509Certificate } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

const blockBytes = 512;
/** All authorities of the Grid together have some three. */
const mostBytes = 64 * 1024 * 1024;

/** True for what gzip made. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The wanted files in a .tar.gz, by the last part of their names: no folder, link or device of it is ever made. Throws `corrupt` for what is no whole archive, is larger than any such archive is,
 * has two different files of one name, or a `.pem` in it that is no certificate.
 */
export function filesInArchive(
  bytes: Uint8Array,
  from: string,
  isWanted: (name: string) => boolean,
): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Buffer>();
  for (const { path, content } of regularFiles(unpacked(bytes, from), from)) {
    const name = path.split('/').at(-1)!;
    const isHidden = path.split('/').some((part) => part.startsWith('.') && part !== '.');
    if (isHidden || !/^[\w.+@=-]+$/.test(name) || !isWanted(name)) continue;
    if (name.endsWith('.pem')) refuseOthers(content, name, from);
    if (found.get(name)?.equals(content) === false) throw corrupt(from, `it has two files '${name}'`);
    found.set(name, content);
  }
  return found;
}

function unpacked(bytes: Uint8Array, from: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    throw corrupt(from, error instanceof Error ? error.message : String(error));
  }
}

/** The regular files of a tar (POSIX.1-2001, ustar): what stands before one and gives it a longer name is heeded, all else passed over. */
function* regularFiles(tar: Buffer, from: string): Generator<{ readonly path: string; readonly content: Buffer }> {
  let longName: string | undefined;
  for (let at = 0; ; ) {
    const head = tar.subarray(at, at + blockBytes);
    if (head.length < blockBytes) throw corrupt(from, 'it ends in the middle');
    if (head.every((byte) => byte === 0)) return;
    if (!isHead(head)) throw corrupt(from, 'it is no tar archive');
    const size = Number.parseInt(field(head, 124, 12).trim() || '0', 8);
    const content = tar.subarray(at + blockBytes, at + blockBytes + size);
    if (!(size >= 0) || content.length < size) throw corrupt(from, 'it ends in the middle');
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    const kind = String.fromCharCode(head[156]!);
    if (kind === 'L') longName = content.toString('utf8').replace(/\0.*$/s, '');
    else if (kind === 'x') longName = /^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1] ?? longName;
    else {
      const prefix = field(head, 345, 155);
      const short = `${prefix === '' ? '' : `${prefix}/`}${field(head, 0, 100)}`;
      if (kind === '0' || kind === '\0') yield { path: longName ?? short, content };
      // One that is for all that follow names no file.
      if (kind !== 'g') longName = undefined;
    }
  }
}

function isHead(head: Buffer): boolean {
  const told = Number.parseInt(field(head, 148, 8).trim(), 8);
  let sum = 0;
  for (const [at, byte] of head.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return told === sum;
}

function field(head: Buffer, from: number, bytes: number): string {
  return head
    .subarray(from, from + bytes)
    .toString('latin1')
    .replace(/\0.*$/s, '');
}

function refuseOthers(content: Buffer, name: string, from: string): void {
  try {
    new X509Certificate(content);
  } catch {
    throw corrupt(from, `'${name}' in it is no certificate`);
  }
}

function corrupt(from: string, why: string): StowageError {
  return new StowageError('corrupt', `nothing was taken from ${displayName(from)}: ${why}`, { facts: { errno: 5 } });
}
