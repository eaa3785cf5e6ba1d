import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directMemory } from '../src/durable/direct-pieces.ts';
import { realFiles } from '../src/durable/real-files.ts';

/** True if files in the folders of tests are really written past the page cache: on Linux, where these are on ext4 or XFS. */
export async function writesDirectly(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  const file = await realFiles.open(join(folder, 'direct'), 'wx');
  try {
    return (await file.writeDirect?.(directMemory(4096))) === true;
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}
