import { setImmediate } from 'node:timers/promises';
import { StowageError } from '../../errors.ts';
import type { PackItem, PackStep } from '../../pack/pack-item.ts';
import { packedLength } from '../../pack/packed-length.ts';
import { pathOfLine } from '../../shards/listing-row.ts';
import type { ArchiveWork } from './archive-work.ts';
import { type BatchPacker, batchBytes } from './batch-packer.ts';
import type { BatchInput, BatchOutput } from './batch-task.ts';
import type { FreshWork } from './fresh-work.ts';
import { entryItems, lineEntry } from './line-item.ts';
import { lineLength } from './line-length.ts';
import type { MemberBook } from './member-book.ts';

/** What an archive of fresh work is made of. */
export interface FreshSource {
  readonly work: ArchiveWork;
  readonly fresh: FreshWork;
  readonly roots: readonly string[];
  readonly book: MemberBook;
}

interface Single {
  readonly item: PackItem;
}
type Run = Omit<BatchInput, 'memory'>;

const linesAtMost = 1000;

/** The members in the order of their paths, all here, one by one. */
export function* singleSteps(from: FreshSource): Generator<Single> {
  const itemOf = entryItems();
  for (const line of inOrder(from)) yield { item: itemOf(lineEntry(line, from.roots)) };
}

/** The same, the small ones in batches that are packed ahead of their turn. While one is not ready, a later one is packed here. */
export async function* batchSteps(from: FreshSource, packer: BatchPacker): AsyncGenerator<PackStep> {
  const coming = runs(from);
  const queue: (Batch | Single)[] = [];
  let ended = false;
  let sent = 0;
  const take = (isHere: boolean): void => {
    const { value, done } = coming.next();
    if (done) ended = true;
    else if ('item' in value) queue.push(value);
    else if (isHere) {
      const packed = new Promise<BatchOutput>((resolve) => resolve(packer.packHere(value)));
      packed.catch(() => undefined); // whoever comes to it in its turn finds out that it failed
      queue.push({ run: value, packed, isDone: true });
    } else {
      const batch: Batch = { run: value, packed: packer.pack(value), isDone: false };
      const settle = () => {
        batch.isDone = true;
        sent -= 1;
      };
      batch.packed.then(settle, settle); // whoever comes to it finds out that it failed
      sent += 1;
      queue.push(batch);
    }
  };
  for (;;) {
    while (!ended && sent < packer.ahead && queue.length < 4 * packer.ahead) take(false);
    const head = queue[0];
    if (head === undefined) return;
    if ('run' in head && !head.isDone && !ended && queue.length < 4 * packer.ahead) {
      take(true);
      await setImmediate();
      continue;
    }
    queue.shift();
    yield 'item' in head ? head : partOf(await head.packed, head.run.base, from.book, packer);
  }
}

interface Batch {
  readonly run: Run;
  readonly packed: Promise<BatchOutput>;
  isDone: boolean;
}

function partOf(packed: BatchOutput, base: number, book: MemberBook, packer: BatchPacker): PackStep {
  const { memory, length, members, contentMembers, contentBytes, memberLines } = packed;
  return {
    part: {
      bytes: new Uint8Array(memory, 0, length),
      members,
      contentBytes,
      placed(offset) {
        if (offset !== base)
          throw new StowageError('bug', `a part of an archive was packed for byte ${base} and stands at ${offset}`);
        book.addLines(memberLines, members, { members: contentMembers, bytes: contentBytes });
      },
      release: () => packer.release(memory),
    },
  };
}

/** Runs of small members that fill a batch; all others one by one. */
function* runs(from: FreshSource): Generator<Run | Single> {
  const { roots } = from;
  const itemOf = entryItems();
  let lines: string[] = [];
  let base = 0;
  let end = 0;
  function* taken(): Generator<Run> {
    if (lines.length > 0) yield { lines: lines.join('\n'), roots, base };
    lines = [];
    base = end;
  }
  for (const line of inOrder(from)) {
    const { packed, isSmall } = lineLength(line, roots);
    if (isSmall) {
      if (end + packed - base > batchBytes || lines.length === linesAtMost) yield* taken();
      lines.push(line);
      end += packed;
      continue;
    }
    yield* taken();
    const item = itemOf(lineEntry(line, roots));
    yield { item };
    end += packedLength(item);
    base = end;
  }
  yield* taken();
}

/** Every line in the order of paths, a directory before what is in it. */
function* inOrder({ work, fresh, book }: FreshSource): Generator<string> {
  const { directories } = fresh;
  let next = 0;
  let path = next < directories.length ? pathOfLine(directories[next]!) : undefined;
  for (const line of work.lines) {
    while (path !== undefined && path < pathOfLine(line)) {
      yield directories[next]!;
      next += 1;
      path = next < directories.length ? pathOfLine(directories[next]!) : undefined;
    }
    book.sign(line);
    yield line;
  }
  yield* directories.slice(next);
}
