import { appendWork } from '../../durable/append-work.ts';
import { pathOfLine } from '../../shards/listing-row.ts';
import { linesIn } from './work-lines.ts';

/** Lines that are sorted by path on disk, so many at a time. */
export interface SortedRuns {
  add(line: string): void;
  /** All of them by path; those of one path in the order in which they came. */
  lines(): Generator<string>;
}

interface Placed {
  readonly path: string;
  readonly line: string;
}

/** How much of a run is written at once. */
const pieceBytes = 256 * 1024;

/** Sorts lines without newlines; files whose names begin with `path` take those that are not held. */
export function sortedRuns(path: string, linesHeld: number): SortedRuns {
  let held: Placed[] = [];
  const files: string[] = [];
  const sort = () => held.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return {
    add(line) {
      held.push({ path: pathOfLine(line), line });
      if (held.length < linesHeld) return;
      const file = `${path}.${files.length}`;
      let text = '';
      for (const one of sort()) {
        text += `${one.line}\n`;
        if (text.length < pieceBytes) continue;
        appendWork(file, text);
        text = '';
      }
      if (text !== '') appendWork(file, text);
      files.push(file);
      held = [];
    },
    *lines() {
      const runs = files.map((file) => placed(linesIn(file)));
      yield* merged([...runs, sort().values()]);
    },
  };
}

function* placed(lines: Iterable<string>): Generator<Placed> {
  for (const line of lines) yield { path: pathOfLine(line), line };
}

/** Of several runs the line with the first path, always: a heap of the runs by their next lines. */
function* merged(runs: readonly Iterator<Placed>[]): Generator<string> {
  const heap: { next: Placed; readonly run: number }[] = [];
  const isBefore = (a: number, b: number) => {
    const [one, other] = [heap[a]!, heap[b]!];
    return one.next.path < other.next.path || (one.next.path === other.next.path && one.run < other.run);
  };
  const swap = (a: number, b: number) => {
    const one = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = one;
  };
  const sink = () => {
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && isBefore(child, first)) first = child;
      if (first === at) return;
      swap(at, first);
      at = first;
    }
  };
  for (const [run, lines] of runs.entries()) {
    const { value, done } = lines.next();
    if (done) continue;
    heap.push({ next: value, run });
    for (let at = heap.length - 1; at > 0 && isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
  }
  while (heap.length > 0) {
    const top = heap[0]!;
    yield top.next.line;
    const { value, done } = runs[top.run]!.next();
    if (!done) top.next = value;
    else {
      const last = heap.pop()!;
      if (last !== top) heap[0] = last;
    }
    sink();
  }
}
