import { isStowageError, StowageError } from '../../../errors.ts';
import type { Access } from '../../grid-results.ts';
import { isLost } from '../../xrootd/lost-connection.ts';
import { checksumUrl, removeFile, statUrl } from '../../xrootd/name-space.ts';
import type { Session } from '../../xrootd/session.ts';
import { readUrl, storeUrl } from '../../xrootd/transfers.ts';
import type { CopyOptions } from '../copy-options.ts';
import { replicaUrl } from '../replica-url.ts';
import type { Content } from './content.ts';
import type { ServerSums } from './server-sums.ts';
import type { SharedChunks } from './shared-chunks.ts';
import { newSum, type SumKind } from './sums.ts';

/** Where replicas are written, and what their servers can say of them. */
export interface Storage {
  readonly session: Session;
  readonly sums: ServerSums;
}

/** What is written, and how. */
export interface Writing {
  readonly content: Content;
  readonly chunks: SharedChunks;
  readonly options: CopyOptions;
  readonly signal?: AbortSignal;
  /** Resolves when it may be begun: a later run would know of it. */
  readonly noted: Promise<void>;
  /** Rejects if the file is not what it was when its content was digested. */
  refuseChanged(): Promise<void>;
  /** So many bytes of it were handed over, from its beginning. */
  moved(bytes: number): void;
}

/**
 * Writes one replica and looks whether it is what was read: its size, and its checksum if the server has one that we can take too, or for a small file the bytes as the server reads them. Without a server's md5 the bytes that
 * were sent are digested once more, for the file may have changed since. Rejects and leaves nothing behind, if that can be.
 */
export async function storeReplica({ session, sums }: Storage, access: Access, writing: Writing): Promise<void> {
  const { content, chunks, options, signal } = writing;
  const call = signal === undefined ? {} : { signal };
  const url = replicaUrl(access);
  const [kind] = await Promise.all([sums.kindOf(url), writing.noted]);
  const sent = new Map((kind === 'md5' ? [] : sumsToTake(kind, content)).map((one) => [one, newSum(one)]));

  async function* source(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks.all()) {
      for (const sum of sent.values()) sum.add(chunk);
      yield chunk;
      bytes += chunk.length;
      writing.moved(bytes);
    }
    const md5 = sent.get('md5')?.value() ?? content.md5;
    if (md5 !== content.md5) throw new StowageError('changed', 'the file changed between its digest and its storing');
    // What is kept in memory is what was digested, whatever has become of the file since.
    if (content.whole === undefined) await writing.refuseChanged();
  }

  const { chunks: ahead, chunkBytes, streams } = options;
  let isReadBack = false;
  await storeUrl(session, url, source(), {
    ...(ahead === undefined ? {} : { chunks: ahead }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
    ...(streams === undefined ? {} : { streams }),
    // The checksum of the whole guards its way too; those of all pages cost more time than the way itself.
    ...(kind === undefined ? {} : { pages: false }),
    ...call,
    bytes: content.bytes,
    readBack(bytes) {
      if (content.whole?.equals(bytes) !== true) throw otherBytes('on reading it back', {});
      isReadBack = true;
    },
  });
  // For a small file that is as good as a checksum, and costs no journey more.
  if (isReadBack || kind === undefined) return;
  const expected = kind === 'md5' ? content.md5 : sent.get(kind)!.value();
  try {
    const found = (await checksumUrl(session, url, { ...call, kind })).value;
    if (found !== expected) throw otherBytes(`${kind} ${found}`, { kind, expected, found });
  } catch (error) {
    // It is not in the catalogue, so nobody else knows of it.
    const isRemoved = await removeFile(session, url).then(
      () => true,
      () => false,
    );
    throw isRemoved || !isStowageError(error) ? error : remaining(error);
  }
}

/**
 * True if what lies there is this content, whole and settled: by its bytes, if it is small and may be read, else by the checksum of its server. Without one nothing is sure, and the answer is no.
 */
export async function isStored(
  { session, sums }: Storage,
  access: Access,
  { content, chunks }: Pick<Writing, 'content' | 'chunks'>,
): Promise<boolean> {
  const url = replicaUrl(access);
  const found = await statUrl(session, url);
  if (found === undefined || found.isPending || found.bytes !== content.bytes) return false;
  const back = content.whole === undefined ? undefined : await bytesOf(session, url).catch(() => undefined);
  if (back !== undefined) return back.equals(content.whole!);
  const kind = await sums.kindOf(url);
  if (kind === undefined) return false;
  const sum = newSum(kind);
  if (kind !== 'md5') for await (const chunk of chunks.all()) sum.add(chunk);
  const expected = kind === 'md5' ? content.md5 : sum.value();
  return (await checksumUrl(session, url, { kind })).value === expected;
}

async function bytesOf(session: Session, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readUrl(session, url)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Removes what was stored and not committed, if it is there. */
export async function removeStored({ session }: Storage, access: Access): Promise<void> {
  const url = replicaUrl(access);
  if ((await statUrl(session, url)) !== undefined) await removeFile(session, url);
}

/**
 * Removes what was begun and never ended: the server is keeping it for somebody who is no more, for ten minutes if nobody says otherwise. What is whole stays.
 */
export async function removePending({ session }: Storage, access: Access): Promise<void> {
  const url = replicaUrl(access);
  if ((await statUrl(session, url))?.isPending === true) await removeFile(session, url);
}

/** True after a failure that may have left the whole file at the storage element. */
export function mayRemain(error: StowageError): boolean {
  return error.facts.remains === true || isLost(error);
}

function remaining({ code, message, hint, facts, cause }: StowageError): StowageError {
  return new StowageError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    facts: { ...facts, remains: true },
    cause,
  });
}

function sumsToTake(kind: SumKind | undefined, { whole }: Content): readonly SumKind[] {
  return [...(kind === undefined ? [] : [kind]), ...(whole === undefined ? (['md5'] as const) : [])];
}

function otherBytes(how: string, facts: Readonly<Record<string, unknown>>): StowageError {
  return new StowageError('corrupt', `the storage element has other bytes than were sent: ${how}`, {
    hint: 'it was not committed there; if it happens again, tell those who run the storage element',
    facts,
  });
}
