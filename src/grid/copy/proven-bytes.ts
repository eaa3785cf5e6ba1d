import type { Session } from '../xrootd/session.ts';
import { type ContentSource, type ExpectedContent, readProven } from './read-proven.ts';
import type { ReplicaSet } from './replica-set.ts';

/** Up to so many bytes are proven before the first of them is given away. */
export const provenFirst = 8 << 20;

/** A content that fits into memory, proven as `readProven` does it. */
export async function provenBytes(
  xrootd: Session,
  set: ReplicaSet,
  expected: ExpectedContent,
  source: ContentSource,
  signal: AbortSignal | undefined,
): Promise<readonly Buffer[]> {
  const chunks: Buffer[] = [];
  const sink = {
    begin: async () => void chunks.splice(0),
    write: async (chunk: Buffer) => void chunks.push(chunk),
  };
  await readProven(xrootd, set, expected, source, sink, signal);
  return chunks;
}
