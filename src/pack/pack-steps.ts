import { setImmediate } from 'node:timers/promises';
import type { PackedBatch } from './pack-batch.ts';
import type { PackItem } from './pack-item.ts';
import { batchBytes, type PackThreads } from './pack-threads.ts';
import { fitsBatch, isSmall, smallRoom } from './small-batch.ts';

/** A part of an archive: an item that is still to be packed, or a batch of small ones that is packed. */
export type PackStep =
  | { readonly item: PackItem }
  | { readonly items: readonly PackItem[]; readonly packed: PackedBatch };

const itemsAtMost = 1000;
/** Below this a message costs more than it saves. */
const worthAMessage = { items: 64, bytes: 512 * 1024 };

interface Batch {
  readonly items: readonly PackItem[];
  readonly packed: Promise<PackedBatch>;
  isDone: boolean;
}

/** The items in their order, the small ones in batches that threads pack ahead of their turn. While one is not ready, this thread packs a later one itself. */
export async function* packSteps(items: Iterable<PackItem>, threads: PackThreads): AsyncGenerator<PackStep> {
  const coming = runsOf(items);
  const queue: (Batch | { readonly item: PackItem })[] = [];
  let ended = false;
  let sent = 0;
  const take = (isHere: boolean): void => {
    const { value, done } = coming.next();
    if (done) ended = true;
    else if ('item' in value) queue.push(value);
    else {
      const packed = isHere ? here(value, threads) : threads.pack(value);
      const batch: Batch = { items: value, packed, isDone: isHere };
      const settle = () => {
        batch.isDone = true;
        if (!isHere) sent -= 1;
      };
      packed.then(settle, settle); // whoever comes to it finds out that it failed
      if (!isHere) sent += 1;
      queue.push(batch);
    }
  };
  for (;;) {
    while (!ended && sent < threads.ahead && queue.length < 4 * threads.ahead) take(false);
    const head = queue[0];
    if (head === undefined) return;
    if ('items' in head && !head.isDone && !ended && queue.length < 4 * threads.ahead) {
      take(true);
      await setImmediate();
      continue;
    }
    queue.shift();
    yield 'item' in head ? head : { items: head.items, packed: await head.packed };
  }
}

async function here(items: readonly PackItem[], threads: PackThreads): Promise<PackedBatch> {
  return threads.packHere(items);
}

/** Runs of small items that fill a batch; all others one by one. */
function* runsOf(items: Iterable<PackItem>): Generator<readonly PackItem[] | { readonly item: PackItem }> {
  let run: PackItem[] = [];
  let room = 0;
  function* take() {
    if (run.length >= worthAMessage.items || room >= worthAMessage.bytes) yield run;
    else for (const item of run) yield { item };
    run = [];
    room = 0;
  }
  for (const item of items) {
    const more = smallRoom(item);
    if (!isSmall(item) || !fitsBatch(item) || more > batchBytes) {
      yield* take();
      yield { item };
      continue;
    }
    if (room + more > batchBytes || run.length === itemsAtMost) yield* take();
    run.push(item);
    room += more;
  }
  yield* take();
}
