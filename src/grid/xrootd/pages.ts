import { StowageError } from '../../errors.ts';
import { crc32c } from './crc32c.ts';
import { nonsense } from './frame.ts';
import { pageBytes } from './protocol.ts';

/** Length of a checksum before its page. */
const sumBytes = 4;

/** Most bytes that this many bytes of a file take as pages: the first and the last may be parts. */
export function bytesAsPages(bytes: number): number {
  return bytes + sumBytes * (Math.ceil(bytes / pageBytes) + 1);
}

/** The bytes from this offset as pages, each with its checksum before it; the first ends where a page of the file does. */
export function encodePages(offset: number, bytes: Uint8Array): Buffer {
  const first = pageBytes - (offset % pageBytes);
  const count = bytes.length === 0 ? 0 : 1 + Math.max(0, Math.ceil((bytes.length - first) / pageBytes));
  const pages = Buffer.allocUnsafe(bytes.length + count * sumBytes);
  let from = 0;
  for (
    let to = 0, end = Math.min(first, bytes.length);
    from < bytes.length;
    end = Math.min(from + pageBytes, bytes.length)
  ) {
    const page = bytes.subarray(from, end);
    pages.writeUInt32BE(crc32c(page), to);
    pages.set(page, to + sumBytes);
    to += sumBytes + page.length;
    from = end;
  }
  return pages;
}

/** Puts the bytes of pages from this offset into a place and answers how many there are. Throws `corrupt` where a checksum does not hold. */
export function decodePages(offset: number, pages: Uint8Array, into: Uint8Array, what: string): number {
  const view = new DataView(pages.buffer, pages.byteOffset, pages.length);
  let at = 0;
  let filled = 0;
  while (at < pages.length) {
    const wanted = pageBytes - ((offset + filled) % pageBytes);
    const page = pages.subarray(at + sumBytes, at + sumBytes + wanted);
    if (page.length === 0 || filled + page.length > into.length) throw nonsense('pages of a wrong length');
    if (crc32c(page) !== view.getUint32(at)) {
      throw new StowageError('corrupt', `${what}: the bytes at ${offset + filled} did not arrive as they were sent`, {
        hint: 'run it again; if it happens again, the network or the server damages data',
        facts: { offset: offset + filled, errno: 'EDOM' },
      });
    }
    into.set(page, filled);
    filled += page.length;
    at += sumBytes + page.length;
  }
  return filled;
}

/** Checks the body of a kXR_status itself (2.4.8), and answers the offset in the file that it ends with. */
export function statusOffset(body: Uint8Array, what: string): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  if (body.length < 24) throw nonsense(`a status of ${body.length} bytes`);
  if (crc32c(body.subarray(4)) !== view.getUint32(0)) {
    throw new StowageError('corrupt', `${what}: an answer did not arrive as it was sent`, { facts: { errno: 'EDOM' } });
  }
  return Number(view.getBigInt64(16));
}
