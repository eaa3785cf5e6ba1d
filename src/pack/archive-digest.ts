import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { StowageError } from '../errors.ts';
import { workerUrl } from '../model/worker-url.ts';

/** The digest of a whole archive, fed as it is written. */
export interface ArchiveDigest {
  /** Takes the next bytes; they may be changed when it has resolved. */
  update(bytes: Uint8Array): Promise<void>;
  /** Hex SHA-256 of all bytes. */
  digest(): Promise<string>;
  /** Gives up what it holds; idempotent. */
  close(): void;
}

/** What the worker is sent: a slot that was filled, or that there are no more. */
export type DigestJob = { readonly start: number; readonly length: number } | { readonly end: true };

const slotBytes = 1 << 20;
const slotCount = 8;
/** Below this a worker costs more than it saves: it takes some 30 ms to start. */
const worthAWorker = 64 << 20;

/** A digest; of an archive that will have many bytes, in a thread of its own, so that reading goes on meanwhile. */
export function archiveDigest(expectedBytes: number): ArchiveDigest {
  return expectedBytes < worthAWorker ? digestHere() : digestBeside();
}

/** A digest, computed in this thread. */
export function digestHere(): ArchiveDigest {
  const hash = createHash('sha256');
  return {
    async update(bytes) {
      hash.update(bytes);
    },
    digest: async () => hash.digest('hex'),
    close: () => undefined,
  };
}

/** The bytes are copied into slots of shared memory, which costs a tenth of hashing them. */
function digestBeside(): ArchiveDigest {
  const memory = new SharedArrayBuffer(slotBytes * slotCount);
  const slots = new Uint8Array(memory);
  const free = Array.from({ length: slotCount }, (_, index) => index * slotBytes);
  const worker = new Worker(workerUrl('digest-worker'), { workerData: memory });
  worker.unref();
  let failure: StowageError | undefined;
  let sha256: string | undefined;
  let wake: () => void = () => undefined;
  const fail = (cause: unknown) => {
    failure ??= new StowageError('bug', 'the thread that computes digests ended', { cause });
    wake();
  };
  worker.on('error', fail);
  worker.on('exit', fail);
  worker.on('message', (message: { free: number } | { sha256: string }) => {
    if ('free' in message) free.push(message.free);
    else sha256 = message.sha256;
    wake();
  });
  const until = async (isDone: () => boolean) => {
    while (!isDone()) {
      if (failure !== undefined) throw failure;
      worker.ref();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      worker.unref();
    }
  };
  return {
    async update(bytes) {
      for (let at = 0; at < bytes.length; at += slotBytes) {
        if (free.length === 0 || failure !== undefined) await until(() => free.length > 0);
        const part = bytes.subarray(at, at + slotBytes);
        const start = free.shift()!;
        slots.set(part, start);
        worker.postMessage({ start, length: part.length } satisfies DigestJob);
      }
    },
    async digest() {
      worker.postMessage({ end: true } satisfies DigestJob);
      await until(() => sha256 !== undefined);
      return sha256!;
    },
    close() {
      worker.removeAllListeners();
      void worker.terminate();
    },
  };
}
