import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { CopyParts } from './copy-parts.ts';
import { type LfnContent, type LfnOptions, lfnContent } from './lfn-content.ts';
import { provenBytes, provenFirst } from './proven-bytes.ts';
import { isNoReplicaLeft, onlyReplica, type ReplicaToRead } from './replica-set.ts';
import { runningDigest } from './running-digest.ts';

/** Which part of an LFN is read, and how. */
export interface ReadLfnOptions extends LfnOptions {
  readonly offset?: number;
  /** To the end if nothing is said. */
  readonly bytes?: number;
}

/**
 * The bytes of an LFN in order, absolute and no directory, from the first replica that gives them; the next goes on where one fails. The whole of it is checked by the catalogue's size and MD5: up to 8 MiB
 * before anything is given away, with all replicas tried; of more, a lie is only known at the end, and then it rejects with `corrupt` and `facts.elements`: what came is to be thrown away, and may be read
 * again with `where: ['!SE']`. Of a part only the size of the replica is checked, and its way here. Ends short only by throwing.
 */
export async function* readLfn(
  parts: Pick<CopyParts, 'grid' | 'storage'>,
  lfn: string,
  options: ReadLfnOptions = {},
): AsyncGenerator<Buffer> {
  const { offset = 0, bytes } = options;
  const content = await lfnContent(parts, lfn, options);
  const all = content.expected.bytes;
  const isPart = offset > 0 || (bytes !== undefined && (all === undefined || bytes < all));
  if (isPart) yield* joined(content, { offset, ...(bytes === undefined ? {} : { bytes }) });
  else if (all !== undefined && all <= provenFirst) yield* await readProvenBytes(parts, content, options.signal);
  else yield* checkedAtEnd(content);
}

/** All bytes of an LFN, proven; for what fits into memory. Rejects with `refused` if it has more than `most`. */
export async function readWholeLfn(
  parts: Pick<CopyParts, 'grid' | 'storage'>,
  lfn: string,
  most: number,
  options: LfnOptions = {},
): Promise<Buffer> {
  const content = await lfnContent(parts, lfn, options);
  const { bytes } = content.expected;
  if (bytes === undefined || bytes > most) {
    throw new StowageError(
      'refused',
      `'${displayName(lfn)}' has ${bytes ?? 'nobody knows how many'} bytes, and ${most} at most were expected`,
    );
  }
  return Buffer.concat(await readProvenBytes(parts, content, options.signal));
}

function readProvenBytes(
  { storage }: Pick<CopyParts, 'storage'>,
  { expected, set, source }: LfnContent,
  signal: AbortSignal | undefined,
): Promise<readonly Buffer[]> {
  return provenBytes(storage, set, expected, source, signal);
}

/** From one replica to the next where one fails; without an MD5 in the catalogue, which would tell at the end, from one alone once it gave something. */
async function* joined(
  { expected, set, source }: LfnContent,
  range: { readonly offset?: number; readonly bytes?: number },
  gives: (replica: ReplicaToRead) => void = () => undefined,
): AsyncGenerator<Buffer> {
  if (source.joins && expected.md5 !== undefined) return yield* source.stream(set, gives, range);
  for (;;) {
    const [first] = set.left();
    let hasGiven = false;
    try {
      for await (const chunk of source.stream(first === undefined ? set : onlyReplica(set, first), gives, range)) {
        hasGiven = true;
        yield chunk;
      }
      return;
    } catch (error) {
      if (hasGiven || !isNoReplicaLeft(error) || set.left().length === 0) throw error;
    }
  }
}

async function* checkedAtEnd(content: LfnContent): AsyncGenerator<Buffer> {
  const { lfn, bytes, md5 } = content.expected;
  const digest = runningDigest();
  const givers = new Set<ReplicaToRead>();
  for await (const chunk of joined(content, {}, (replica) => givers.add(replica))) {
    digest.update(chunk);
    yield chunk;
  }
  const isRight = (bytes ?? digest.bytes()) === digest.bytes() && (md5?.toLowerCase() ?? digest.md5()) === digest.md5();
  if (isRight) return;
  const elements = [...givers].map(({ se }) => se);
  throw new StowageError(
    'corrupt',
    `'${displayName(lfn)}' came as ${digest.bytes()} bytes with the MD5 ${digest.md5()} from ${elements.join(', ')}; the catalogue has ${bytes ?? 'no size'} and ${md5 ?? 'no MD5'}`,
    { facts: { elements, md5: digest.md5(), expected: md5 } },
  );
}
