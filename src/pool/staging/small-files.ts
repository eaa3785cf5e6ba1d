import { setImmediate } from 'node:timers/promises';
import { workerUrl } from '../../model/worker-url.ts';
import { type Crew, crew } from '../../threads/crew.ts';
import type { CopySource, StagePeerOptions } from '../peers/peer.ts';
import { type Copied, type CopyOrder, copySmall, type WriteOrder, type Written, writeSmall } from './small-task.ts';

/**
 * Many small files on their way into a folder, in groups, which a thread writes while the next ones come. The folders above them must be there. After
 * a failure each call throws it.
 */
export interface SmallFiles {
  /** Takes a file that has come; when this resolves, its bytes are ours no more. `done` gets its digest when it is written. */
  write(file: SmallFile, done: (sha256: string) => void): Promise<void>;
  /** Takes files that lie below a folder here; `done` gets what was copied. All is left to the thread if the caller `hasOther` work to do. */
  copy(source: CopySource, paths: readonly string[], hasOther: boolean, done: (copied: Copied) => void): Promise<void>;
  /** True for a file that was taken, and may not be written yet. */
  holds(path: string): boolean;
  /** Resolved = all are written, but none is durable. */
  all(): Promise<void>;
  /** Waits for what is being written, and ends the thread. Never throws. */
  close(): Promise<void>;
}

export interface SmallFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
  readonly mtimeNs: bigint;
}

/** A group: as many files, or as many bytes, as take a few milliseconds. */
const groupFiles = 64;
const groupBytes = 512 * 1024;
/** What is larger is better written by itself. */
export const largestSmall = 256 * 1024;
/** How many groups lie ready for the thread or are written by it. */
const mostAhead = 8;
/** The same of what is copied: what the thread has no time for is copied here. */
const mostCopiesAhead = 2;

/** Small files below a folder. The thread starts with the first whole group. */
export function smallFiles(folder: string, options: StagePeerOptions): SmallFiles {
  const task = workerUrl('small-task');
  const running = new Set<Promise<void>>();
  const rooms: ArrayBuffer[] = [];
  const held = new Set<string>();
  let group = emptyGroup();
  let hands: Crew | undefined;
  let failure: { readonly error: unknown } | undefined;

  function start<Output>(order: WriteOrder | CopyOrder, done: (output: Output) => void): void {
    hands ??= crew(1, { tasksInHand: mostAhead });
    const transfer = 'room' in order ? [order.room] : [];
    const job: Promise<void> = hands
      .run<Output>(task, order, transfer)
      .then((output) => finish(order, output, done))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(job));
    running.add(job);
  }
  function finish<Output>({ paths }: WriteOrder | CopyOrder, output: Output, done: (output: Output) => void): void {
    for (const path of paths) held.delete(path);
    done(output);
  }
  function here<Order extends WriteOrder | CopyOrder, Output>(
    order: Order,
    work: (order: Order) => Output,
    done: (output: Output) => void,
  ): void {
    try {
      finish(order, work(order), done);
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  }
  const requireNoFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const room = async (most: number): Promise<void> => {
    while (running.size >= most) await Promise.race(running);
    requireNoFailure();
  };
  /** The group as an order; the next file begins another one. */
  const closed = () => {
    const { dones, ...files } = group;
    const order: WriteOrder = { folder, owner: options.ownership, ...files };
    group = emptyGroup(rooms.pop());
    const done = ({ digests, room: free }: Written): void => {
      rooms.push(free);
      for (const [at, one] of dones.entries()) one(digests[at]!);
    };
    return { order, done };
  };
  return {
    async write({ path, content, mode, mtimeNs }, done) {
      requireNoFailure();
      const from = group.ends.at(-1) ?? 0;
      if (group.paths.length === groupFiles || from + content.length > group.room.byteLength) {
        await room(mostAhead);
        const { order, done: all } = closed();
        start(order, all);
      }
      const begin = group.ends.at(-1) ?? 0;
      new Uint8Array(group.room).set(content, begin);
      group.paths.push(path);
      group.modes.push(mode);
      group.mtimesNs.push(mtimeNs);
      group.ends.push(begin + content.length);
      group.dones.push(done);
      held.add(path);
    },
    async copy({ peer, root }, paths, hasOther, done) {
      requireNoFailure();
      const order: CopyOrder = { peer, root, folder, options, paths };
      for (const path of paths) held.add(path);
      if (hasOther || running.size < mostCopiesAhead) {
        start(order, done);
        return;
      }
      here(order, copySmall, done);
      // So that the thread's answers are heard.
      await setImmediate();
      requireNoFailure();
    },
    holds: (path) => held.has(path),
    async all() {
      requireNoFailure();
      if (group.paths.length > 0) {
        const { order, done } = closed();
        // What is left over for a thread that there is not is less than its start.
        if (hands === undefined) here(order, writeSmall, done);
        else start(order, done);
      }
      await Promise.all(running);
      requireNoFailure();
    },
    async close() {
      await Promise.all(running);
      await hands?.close();
    },
  };
}

function emptyGroup(room: ArrayBuffer = new ArrayBuffer(groupBytes)) {
  return {
    paths: [] as string[],
    modes: [] as number[],
    mtimesNs: [] as bigint[],
    ends: [] as number[],
    dones: [] as ((sha256: string) => void)[],
    room,
  };
}
