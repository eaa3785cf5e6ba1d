import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Central, type CentralOptions, startCentral } from './start-central.ts';

/** A central server that is stopped when the running test ends. */
export async function testCentral(options: Partial<CentralOptions> = {}): Promise<Central> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-central-'));
  const central = await startCentral({ folder, ...options });
  onTestFinished(async () => {
    await central.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return central;
}
