import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { downloadPlace } from './download-place.ts';

const chunk = Buffer.alloc(8 << 20, 'x');

/** Writes five chunks, and gives what was thrown by then; what the medium failed at is told once, as a kernel does. */
async function failureOf(files: FileOperations): Promise<unknown> {
  const place = downloadPlace(files, join(await scratchFolder(), 'large'), 5 * chunk.length, undefined);
  try {
    await place.begin();
    for (let written = 0; written < 5; written += 1) await place.write(chunk);
    const { file } = await place.whole();
    await file?.sync();
    await file?.close();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await place.discard();
  }
}

test('what the medium could not take while the file still came is not forgotten', async () => {
  let syncs = 0;
  const files: FileOperations = {
    ...realFiles,
    async open(path, flags, mode) {
      const file = await realFiles.open(path, flags, mode);
      const sync = async () => {
        syncs += 1;
        if (syncs === 1) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        await file.sync();
      };
      return { ...file, sync };
    },
  };
  expect(await failureOf(files)).toMatchObject({ code: 'unavailable', message: expect.stringContaining('large') });
  expect(await failureOf(realFiles)).toBeUndefined();
});
