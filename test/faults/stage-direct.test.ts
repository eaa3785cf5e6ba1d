import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { hasDirectWriting } from '../../src/durable/direct-file.ts';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { isFailure } from '../../src/pool/pool-event.ts';
import { executeStage } from '../../src/pool/staging/execute-stage.ts';
import { manifestPath, readManifest } from '../../src/pool/staging/staged-manifest.ts';
import { directFrom } from '../../src/pool/staging/write-content.ts';
import { writesDirectly } from '../direct-writing.ts';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { needing } from '../needing.ts';
import { type SmallPool, said, smallPool } from '../small-pool.ts';
import { quickFiles } from '../small-project.ts';

const content = Buffer.alloc(directFrom + 777, 'what a peer has collected, ');

/** A pool whose peer has a file that is written past the page cache. */
async function largePool(): Promise<SmallPool> {
  const pool = await smallPool([{ name: 'one' }]);
  writeFileSync(`${pool.collectDir('one')}/large.tar`, content);
  writeFileSync(`${pool.collectDir('one')}/cback.collect`, '');
  return pool;
}

const stage = (pool: SmallPool, files: FileOperations) =>
  said(executeStage(pool.run({ files }), { jobs: 1, pause: async () => undefined, retries: 0 }));

/** The next run has it whole, and leaves nothing else. */
async function completes(pool: SmallPool, when: string): Promise<void> {
  expect(existsSync(`${pool.day}/one`), when).toBe(false);
  rmSync(`${pool.stateDir}/stage.lock`, { force: true });
  expect((await stage(pool, quickFiles)).filter(isFailure), when).toEqual([]);
  expect(readFileSync(`${pool.day}/one/large.tar`).equals(content), when).toBe(true);
  expect(readdirSync(pool.stagingDir), when).toEqual(['2026']);
}

needing(hasDirectWriting).test(
  'a large file is written past the page cache, and whatever stops it there, the next run has it whole',
  async () => {
    const first = await largePool();
    const counted = countingFiles(quickFiles);
    expect((await stage(first, counted.files)).filter(isFailure)).toEqual([]);
    const direct = counted.log.flatMap((line, index) => (line.endsWith(' directly') ? [index + 1] : []));
    // A disk that does not take it is asked once or twice.
    expect(direct.length).toBeGreaterThan((await writesDirectly()) ? 3 : 0);
    const manifest = await readManifest(manifestPath(first.stateDir, '2026/11/18', 'one'));
    expect(manifest?.members.get('large.tar')?.bytes).toBe(content.length);
    // The fsync, without which nothing is let in, comes behind the last of it.
    const synced = counted.log.findIndex((line) => line.startsWith('sync ') && line.endsWith('large.tar'));
    const letIn = counted.log.findIndex((line) => line.startsWith('rename ') && line.includes('/2026/11/18/one'));
    expect(synced).toBeGreaterThan(direct.at(-1)!);
    expect(letIn).toBeGreaterThan(synced);

    for (const at of [direct[0]!, direct[direct.length >> 1]!, direct.at(-1)!, direct.at(-1)! + 1]) {
      for (const torn of [false, true]) {
        const when = `killed at step ${at}${torn ? ', torn' : ''}: ${counted.log[at - 1]}`;
        const pool = await largePool();
        const killed = await stage(pool, killedFiles(quickFiles, { at, torn })).catch((error) => error);
        expect(Array.isArray(killed) || isKilled(killed), when).toBe(true);
        await completes(pool, when);
      }
      for (const error of ['ENOSPC', 'EIO']) {
        const when = `${error} at step ${at}: ${counted.log[at - 1]}`;
        const pool = await largePool();
        const failed = await stage(pool, failingFiles(quickFiles, { at, error, torn: true }));
        expect(failed.some(isFailure), when).toBe(true);
        await completes(pool, when);
      }
    }
  },
);
