import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { workerUrl } from '../../model/worker-url.ts';
import { type Crew, crew } from '../../threads/crew.ts';
import type { CsvBlock, CsvEnd } from './csv-blocks.ts';
import { type MapContext, type MappedBlock, mapBlock } from './map-block.ts';
import { type MapOrder, sharedContext } from './map-task.ts';

/** Threads take longer to learn the rules, and to become quick at them, than so much of a cache to map. */
const worthThreads = 16 << 20;

/** How many threads map beside this one, and how many blocks each has at once: it need not wait for the next. */
const mostThreads = 3;
const blocksInHand = 2;

/** How many blocks may be mapped before the one whose turn it is: a thread that is just starting, or has no processor for itself, holds nobody up. */
const waitingBlocks = 48;

/**
 * The blocks of a cache of so many bytes, mapped, in their order. Of a large one threads map some, and this one maps whatever they have no time for.
 * Those of `scanners` are there already, if they had to do with the cache: they map all of it, if none is still to come.
 */
export async function* mappedBlocks(
  blocks: Generator<CsvBlock, CsvEnd>,
  context: MapContext,
  bytes: number,
  scanners?: Crew,
): AsyncGenerator<MappedBlock, CsvEnd> {
  if (bytes < worthThreads) return yield* mappedHere(blocks, context);
  if (scanners?.isWarm()) return yield* mappedIn(scanners, blocks, context, !scanners.isReady());
  const threads = Math.min(mostThreads, availableParallelism() - 1);
  if (threads === 0) return yield* mappedHere(blocks, context);
  const hands = crew(threads, { tasksInHand: blocksInHand });
  try {
    return yield* mappedIn(hands, blocks, context, true);
  } finally {
    await hands.close();
  }
}

/** Mapped by threads, and by this one as well if it is said. */
export async function* mappedIn(
  hands: Crew,
  blocks: Generator<CsvBlock, CsvEnd>,
  context: MapContext,
  isHereToo: boolean,
): AsyncGenerator<MappedBlock, CsvEnd> {
  const task = workerUrl('map-task');
  const shared = sharedContext(context);
  const ahead = (blocksInHand + 1) * hands.size;
  const queue: Coming[] = [];
  let sent = 0;
  let end: CsvEnd | undefined;
  let isOver = false;
  const put = (mapped: Promise<MappedBlock>, isDone: boolean): Coming => {
    const coming = { mapped, isDone };
    mapped.catch(() => undefined); // whoever comes to it finds out that it failed
    queue.push(coming);
    return coming;
  };
  const take = (isHere: boolean): void => {
    let value: CsvBlock;
    try {
      const next = blocks.next();
      isOver = next.done === true;
      if (next.done) end = next.value;
      if (next.done) return;
      value = next.value;
    } catch (error) {
      // What stands before it is told first.
      isOver = true;
      put(Promise.reject(error), true);
      return;
    }
    if (isHere) {
      put(new Promise((resolve) => resolve(mapBlock(value, context))), true);
      return;
    }
    // Of its own: what is read next begins with what is left of this memory.
    const own = new Uint8Array(value.bytes);
    const order: MapOrder = { bytes: own, columns: value.columns, context: shared };
    const coming = put(hands.run<MappedBlock>(task, order, [own.buffer]), false);
    const settle = () => {
      coming.isDone = true;
      sent -= 1;
    };
    coming.mapped.then(settle, settle);
    sent += 1;
  };
  for (;;) {
    while (!isOver && sent < ahead) take(false);
    const head = queue[0];
    if (head === undefined) return end!;
    if (isHereToo && !head.isDone && !isOver && queue.length < waitingBlocks) {
      take(true);
      // What came from the threads meanwhile is heard.
      await setImmediate();
      continue;
    }
    queue.shift();
    yield await head.mapped;
  }
}

/** A block that is, or will be, mapped. */
interface Coming {
  readonly mapped: Promise<MappedBlock>;
  isDone: boolean;
}

function* mappedHere(blocks: Generator<CsvBlock, CsvEnd>, context: MapContext): Generator<MappedBlock, CsvEnd> {
  for (let next = blocks.next(); ; next = blocks.next()) {
    if (next.done) return next.value;
    yield mapBlock(next.value, context);
  }
}
