import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { DigestJob } from './archive-digest.ts';

/** The other side of archive-digest.ts: takes slots of shared memory in order, hashes them, and gives them back. */
const slots = new Uint8Array(workerData as SharedArrayBuffer);
const hash = createHash('sha256');

parentPort?.on('message', (job: DigestJob) => {
  if ('end' in job) {
    parentPort?.postMessage({ sha256: hash.digest('hex') });
    return;
  }
  hash.update(slots.subarray(job.start, job.start + job.length));
  parentPort?.postMessage({ free: job.start });
});
