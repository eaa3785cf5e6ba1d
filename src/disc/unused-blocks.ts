import { type BlockSource, blockBytes, blocksOf } from './block-source.ts';
import type { DiscFault } from './verdict.ts';
import type { Volume } from './volume.ts';

const step = 512;
/** What the head of a medium that can be overwritten takes, its own checksum included (that lies in block 18). */
const headBlocks = 19;

/** What lies between, before and behind the sessions of an image is zero: no checksum covers it, and nothing was to be there. */
export async function unusedFaults(source: BlockSource, sessions: readonly Volume[]): Promise<readonly DiscFault[]> {
  if (source.bytes === undefined) return [];
  const faults: DiscFault[] = [];
  let from = sessions[0]!.start > 0 ? headBlocks : 0;
  const ends = [...sessions.map(({ start, blocks }) => ({ start, end: start + blocks })), endOf(source.bytes)];
  for (const [index, { start, end }] of ends.entries()) {
    if (from < start && !(await isZero(source, from, start)))
      faults.push({
        kind: 'structure',
        session: Math.min(index + 1, sessions.length),
        part: 'unused',
        what: `something is written in blocks ${from} to ${start - 1}, where nothing was to be`,
      });
    from = end;
  }
  return faults;
}

function endOf(bytes: number) {
  const end = blocksOf(bytes - (bytes % blockBytes));
  return { start: end, end };
}

async function isZero(source: BlockSource, from: number, to: number): Promise<boolean> {
  const zeros = Buffer.alloc(step * blockBytes);
  for (let at = from; at < to; at += step) {
    const bytes = await source.read(at, Math.min(step, to - at) * blockBytes);
    if (!bytes.equals(zeros.subarray(0, bytes.length))) return false;
  }
  return true;
}
