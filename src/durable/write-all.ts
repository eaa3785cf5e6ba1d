import type { FileHandle } from 'node:fs/promises';

/** Writes all of `data` at a position, or, for null, behind what was written so last; short writes are continued. */
export async function writeAll(handle: FileHandle, data: Uint8Array, position: number | null): Promise<void> {
  for (let written = 0; written < data.byteLength; ) {
    const at = position === null ? null : position + written;
    const { bytesWritten } = await handle.write(data, written, data.byteLength - written, at);
    if (bytesWritten === 0) throw Object.assign(new Error('EIO: a write wrote nothing'), { code: 'EIO' });
    written += bytesWritten;
  }
}
