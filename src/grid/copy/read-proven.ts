import { isStowageError, StowageError } from '../../errors.ts';
import { checksumUrl } from '../xrootd/name-space.ts';
import type { Session } from '../xrootd/session.ts';
import { isNoReplicaLeft, noReplicaLeft, onlyReplica, type ReplicaSet, type ReplicaToRead } from './replica-set.ts';
import { checksumKinds, type RunningDigest, runningDigest } from './running-digest.ts';

/** What the catalogue says of a content. */
export interface ExpectedContent {
  readonly lfn: string;
  readonly bytes?: number;
  readonly md5?: string;
}

/** A content that was read and is what it should be. */
export interface ProvenContent {
  readonly bytes: number;
  readonly md5: string;
  /** Whose bytes it is made of. */
  readonly elements: readonly string[];
}

/** Where bytes go that are not proven yet. What it throws ends the reading; no replica is blamed. */
export interface ContentSink {
  /** From the beginning, once more: what it has is of no use. Called before the first byte too. */
  begin(): Promise<void>;
  write(chunk: Buffer): Promise<void>;
}

/** How a content comes from replicas. */
export interface ContentSource {
  /** True if what one replica gave may be gone on with by another. */
  readonly joins: boolean;
  stream(
    set: ReplicaSet,
    gives: (replica: ReplicaToRead) => void,
    range?: { readonly offset?: number; readonly bytes?: number },
  ): AsyncGenerator<Buffer>;
  /** The replica has nothing but this content, so that the storage element's own checksum is of it. */
  readonly isWhole: boolean;
}

/**
 * Brings a content into a sink and proves it: by its size and MD5, or, where the catalogue has no MD5, by its size and what the storage element says of it if it says something. A replica that
 * lies is dropped from the set, and the others are asked. Rejects with what `noReplicaLeft` says when none is left; with the sink's error; with `interrupted`.
 */
export async function readProven(
  xrootd: Session,
  set: ReplicaSet,
  expected: ExpectedContent,
  source: ContentSource,
  sink: ContentSink,
  signal?: AbortSignal,
): Promise<ProvenContent> {
  // Without a digest nobody could tell whether two halves belong together.
  let joins = source.joins && expected.md5 !== undefined;
  let suspects: readonly ReplicaToRead[] = [];
  for (;;) {
    const [first] = set.left();
    if (first === undefined) throw noReplicaLeft(expected.lfn, set.failures());
    const claimed = expected.md5 === undefined && source.isWhole ? await checksumOf(xrootd, first, signal) : undefined;
    const digest = runningDigest(claimed?.kind);
    const givers = new Set<ReplicaToRead>();
    await sink.begin();
    const stream = source.stream(joins ? set : onlyReplica(set, first), (replica) => givers.add(replica));
    if (!(await brought(stream, digest, sink))) continue;
    const lie = lieIn(digest, expected, claimed);
    if (lie === undefined) {
      const others = suspects.filter((one) => !givers.has(one) && set.left().includes(one));
      if (others.length === 1) set.drop(others[0]!, new StowageError('corrupt', 'its part of the file was wrong'));
      return { bytes: digest.bytes(), md5: digest.md5(), elements: [...givers].map(({ se }) => se) };
    }
    // Of several nobody knows which one lied: each is asked alone from now on.
    if (givers.size === 1) set.drop([...givers][0]!, lie);
    else {
      suspects = [...givers];
      joins = false;
    }
  }
}

/** False if the replicas failed before the end. */
async function brought(stream: AsyncGenerator<Buffer>, digest: RunningDigest, sink: ContentSink): Promise<boolean> {
  for (;;) {
    let chunk: Buffer;
    try {
      const next = await stream.next();
      if (next.done === true) return true;
      chunk = next.value;
    } catch (error) {
      if (isNoReplicaLeft(error)) return false;
      throw error;
    }
    try {
      // The disk has its own thread.
      const written = sink.write(chunk);
      digest.update(chunk);
      await written;
    } catch (error) {
      await stream.return(undefined).catch(() => undefined);
      throw error;
    }
  }
}

function lieIn(
  digest: RunningDigest,
  { bytes, md5 }: ExpectedContent,
  claimed: { readonly kind: string; readonly value: string } | undefined,
): StowageError | undefined {
  if (bytes !== undefined && digest.bytes() !== bytes) {
    return new StowageError('corrupt', `it gave ${digest.bytes()} bytes, and the file has ${bytes}`);
  }
  if (md5 !== undefined && digest.md5() !== md5.toLowerCase()) {
    return new StowageError('corrupt', `its bytes have the MD5 ${digest.md5()}, and the catalogue has ${md5}`, {
      facts: { md5: digest.md5(), expected: md5 },
    });
  }
  if (claimed !== undefined && digest.checksum() !== claimed.value.toLowerCase().padStart(8, '0')) {
    return new StowageError(
      'corrupt',
      `its bytes have the ${claimed.kind} ${digest.checksum()}, and the storage element says ${claimed.value}`,
      { facts: { kind: claimed.kind, value: digest.checksum(), expected: claimed.value } },
    );
  }
  return undefined;
}

/** What the storage element says of its replica, if it says something that can be computed here. */
async function checksumOf(
  xrootd: Session,
  { url }: ReplicaToRead,
  signal: AbortSignal | undefined,
): Promise<{ readonly kind: string; readonly value: string } | undefined> {
  try {
    const said = await checksumUrl(xrootd, url, signal === undefined ? {} : { signal });
    return checksumKinds.includes(said.kind) ? said : undefined;
  } catch (error) {
    // It offers none. Whether the replica can be read at all, reading tells.
    if (isStowageError(error) && error.code !== 'interrupted' && error.code !== 'bug') return undefined;
    throw error;
  }
}
