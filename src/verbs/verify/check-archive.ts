import { createHash } from 'node:crypto';
import { isStowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { unknownOwner } from '../../model/entry.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { contentMembers, type Manifest, type ManifestHead, type Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import { isUnplaced, locateMembers } from '../../pack/locate-members.ts';
import { verifyTar } from '../../pack/verify-tar.ts';
import type { ByteRange, Source, StoredObject } from '../../store/store.ts';
import { signalOf } from '../project.ts';
import { adoptedMembers } from '../survey/adopt.ts';

/** What a closer look at one archive found. */
export interface Checked {
  readonly problems: readonly string[];
  /** Why nothing can be told at this level. */
  readonly unproven?: string;
  /** The manifest with the digests that were computed, if it had none. */
  readonly completed?: Manifest;
  /** The store read it itself, and nothing came to us. */
  readonly readBy?: 'store';
  /** How many copies the store has; each was looked at. */
  readonly copies?: number;
}

/** What an archive must be: told as a whole, and with its members when they are asked for. */
export interface Recorded {
  readonly head: ManifestHead;
  readonly manifest: () => Promise<Manifest>;
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Where the store keeps no digest, it is to make one. */
  readonly createDigests?: boolean;
  /** Told how many more bytes were read. */
  readonly onBytes?: (bytes: number) => void;
}

/** Compares an object with its record as closely as `level` says. Damage is an answer; a store that cannot be looked at throws. */
export async function checkArchive(
  source: Source,
  recorded: Recorded,
  object: StoredObject,
  level: EvidenceLevel,
  options: CheckOptions = {},
): Promise<Checked> {
  if (level === 'listed') return intact;
  const { bytes } = recorded.head;
  if (object.bytes !== bytes) return damaged(`it has ${object.bytes} bytes, ${bytes} are recorded`);
  if (level === 'size') return intact;
  // A record that cannot be read is no damage of the archive: this throws.
  const manifest = await recorded.manifest();
  try {
    if (level === 'index') return manifest.format === 'tar' ? await checkIndex(source, manifest, options) : intact;
    if (source.copies !== undefined) return await checkCopies(source, manifest, level, options);
    return await (level === 'digest' ? checkDigest : readWhole)(source, manifest, options);
  } catch (error) {
    if (isStowageError(error, 'corrupt')) return damaged(error.message);
    throw error;
  }
}

const intact: Checked = { problems: [] };

function damaged(...problems: readonly string[]): Checked {
  return { problems };
}

async function checkIndex(source: Source, manifest: Manifest, options: CheckOptions): Promise<Checked> {
  if (manifest.adopted) return checkAdopted(source, manifest, options);
  const expected = new Map(manifest.members.map((member) => [member.path, member]));
  const problems: string[] = [];
  for await (const item of source.index!(manifest.key, signalOf(options))) {
    if (item.kind === 'foreign') {
      problems.push(`it holds '${displayName(item.path)}', ${item.what}, which is not recorded`);
      continue;
    }
    const path = joinPath(manifest.base, item.member.path);
    const recorded = expected.get(path);
    if (recorded === undefined) {
      problems.push(`it holds '${displayName(path)}', which is not recorded`);
      continue;
    }
    expected.delete(path);
    const difference = differenceOf(recorded, item.member);
    if (difference !== undefined) problems.push(`'${displayName(path)}' has another ${difference} than is recorded`);
  }
  for (const path of expected.keys()) problems.push(`'${displayName(path)}' is recorded and not in it`);
  return { problems };
}

/** An adopted archive may hold names twice, unsafe ones and foreign things: it is compared as it was adopted. */
async function checkAdopted(source: Source, manifest: Manifest, options: CheckOptions): Promise<Checked> {
  const items: Member[] = [];
  for await (const item of source.index!(manifest.key, signalOf(options))) {
    if (item.kind === 'member') items.push(item.member);
  }
  const { safe } = adoptedMembers(items, manifest.base);
  const expected = new Map(manifest.members.map((member) => [member.path, member]));
  const problems: string[] = [];
  for (const member of safe) {
    const recorded = expected.get(member.path);
    expected.delete(member.path);
    const difference = recorded === undefined ? undefined : differenceOf(recorded, member);
    if (recorded === undefined) problems.push(`it holds '${displayName(member.path)}', which is not recorded`);
    if (difference !== undefined)
      problems.push(`'${displayName(member.path)}' has another ${difference} than is recorded`);
  }
  for (const path of expected.keys()) problems.push(`'${displayName(path)}' is recorded and not in it`);
  return { problems };
}

function differenceOf(recorded: Member, seen: Member): string | undefined {
  if (recorded.type !== seen.type) return 'type';
  if (recorded.hardLink === undefined && recorded.bytes !== seen.bytes) return 'size';
  // The index of another program need not tell owners, nor places, nor more than the minute; which zone it means is not known for sure.
  const isCoarse = seen.uid === unknownOwner && seen.offset === undefined;
  if (!isCoarse && recorded.mtimeNs !== seen.mtimeNs) return 'time';
  if (recorded.target !== seen.target) return 'link target';
  if (!isCoarse && recorded.offset !== seen.offset) return 'place';
  return undefined;
}

async function checkDigest(source: Source, manifest: Manifest, options: CheckOptions): Promise<Checked> {
  const { md5 } = manifest;
  if (manifest.sha256 === undefined && md5 === undefined)
    return { problems: [], unproven: 'no digest of it is recorded; verify it at the level read first' };
  const kept = await source.digest!(manifest.key, 'sha256', signalOf(options));
  const keptMd5 =
    kept === undefined && md5 !== undefined ? await source.digest!(manifest.key, 'md5', signalOf(options)) : undefined;
  if (keptMd5 !== undefined)
    return keptMd5 === md5 ? intact : damaged(`the store's MD5 is ${keptMd5}, ${md5} is recorded`);
  if (manifest.sha256 === undefined)
    return {
      problems: [],
      unproven: 'the store keeps no digest of it that is recorded too; verify it at the level read',
    };
  const digest = kept ?? (options.createDigests ? await createdDigest(source, manifest, options) : undefined);
  if (digest === undefined)
    return { problems: [], unproven: 'the store keeps no digest of it; verify it at the level read' };
  return digest === manifest.sha256
    ? intact
    : damaged(`the store's digest is ${digest}, ${manifest.sha256} is recorded`);
}

/** Looks at each copy as closely as at the only one of another store: what is wrong with one is wrong with the archive. Throws `unavailable` only if none can be looked at. */
async function checkCopies(
  source: Source,
  manifest: Manifest,
  level: 'digest' | 'read',
  options: CheckOptions,
): Promise<Checked> {
  const check = level === 'digest' ? checkDigest : readWhole;
  const names = await source.copies!(manifest.key, signalOf(options));
  // What the store says of the object as a whole need not be what its copies are.
  const whole = level === 'digest' ? await check(source, manifest, options) : undefined;
  const problems = [...(whole?.problems ?? [])];
  let completed: Manifest | undefined;
  const unproven: string[] = [];
  const unseen: unknown[] = [];
  for (const name of names) {
    const checked = await check(onlyCopy(source, name), manifest, options).catch((error: unknown): Checked => {
      if (isStowageError(error, 'corrupt', 'missing')) return damaged(error.message);
      if (!isStowageError(error, 'unavailable')) throw error;
      unseen.push(error);
      return { problems: [], unproven: error.message };
    });
    problems.push(...checked.problems.map((problem) => `${displayName(name)}: ${problem}`));
    if (checked.unproven !== undefined) unproven.push(`${displayName(name)}: ${checked.unproven}`);
    completed ??= checked.completed;
  }
  if (names.length === 0) problems.push('the store has no copy of it any more');
  if (unseen.length > 0 && unseen.length === names.length) throw unseen[0];
  return {
    problems,
    copies: names.length,
    ...(problems.length === 0 && unproven.length > 0 ? { unproven: unproven.join('; ') } : {}),
    ...(completed === undefined ? {} : { completed }),
  };
}

/** The same store, as if it had this copy alone. */
function onlyCopy(source: Source, copy: string): Source {
  const { digest, ...rest } = source;
  return {
    ...rest,
    get: (key, options) => source.get(key, { ...options, copy }),
    ...(digest === undefined ? {} : { digest: (key, kind, options) => digest(key, kind, { ...options, copy }) }),
  };
}

/** Where the store keeps the digest that is recorded, it reads the archive itself; else all of it comes to us. */
async function readWhole(source: Source, manifest: Manifest, options: CheckOptions): Promise<Checked> {
  const { key, sha256 } = manifest;
  const kept = source.reread === undefined ? undefined : await source.digest?.(key, 'sha256', signalOf(options));
  if (kept !== undefined && sha256 !== undefined) {
    if (kept !== sha256) return damaged(`the store's digest is ${kept}, ${sha256} is recorded`);
    const reread = await source.reread!(key, signalOf(options));
    if (reread === 'other') return damaged('the store read it, and it is not what its digest says');
    if (reread === 'same') return { problems: [], readBy: 'store' };
  }
  const read = manifest.format === 'tar' ? readTar : readPlain;
  const checked = await read(source, manifest, options);
  const seen = sha256 ?? checked.completed?.sha256;
  if (!options.createDigests || kept !== undefined || checked.problems.length > 0 || seen === undefined) return checked;
  const made = await createdDigest(source, manifest, options);
  return made === seen ? checked : damaged(`the store read something else than came to us: its digest is ${made}`);
}

function createdDigest(source: Source, { key }: Manifest, options: CheckOptions): Promise<string> {
  return source.createDigest!(key, 'sha256', signalOf(options));
}

async function readTar(source: Source, recorded: Manifest, options: CheckOptions): Promise<Checked> {
  const places = { get: (range: ByteRange) => source.get(recorded.key, { ...signalOf(options), range }) };
  const manifest = isUnplaced(recorded) ? await locateMembers(recorded, places) : recorded;
  if (manifest.sha256 === undefined && source.index !== undefined) {
    // No digest speaks for the headers: digests may be believed only of an archive that still holds what was adopted.
    const headers = await checkIndex(source, manifest, options);
    if (headers.problems.length > 0) return headers;
  }
  const bytes = counted(await source.get(manifest.key, signalOf(options)), options.onBytes);
  const seen = await verifyTar(bytes, manifest);
  const problems = seen.differences.map(({ path, what }) => (path === '' ? what : `'${displayName(path)}': ${what}`));
  if (problems.length > 0 || manifest.sha256 !== undefined) return { problems };
  const members = manifest.members.map((member) => {
    const sha256 = seen.digests.get(member.path) ?? seen.digests.get(member.hardLink ?? '');
    return sha256 === undefined ? member : { ...member, sha256 };
  });
  return { problems, completed: { ...manifest, sha256: seen.sha256, digestsFrom: 'reading', members } };
}

async function readPlain(source: Source, manifest: Manifest, options: CheckOptions): Promise<Checked> {
  const digest = createHash('sha256');
  for await (const chunk of counted(await source.get(manifest.key, signalOf(options)), options.onBytes))
    digest.update(chunk);
  const sha256 = digest.digest('hex');
  const recorded = manifest.sha256 ?? contentMembers(manifest)[0]?.sha256;
  if (recorded !== undefined)
    return recorded === sha256 ? intact : damaged(`its SHA-256 is ${sha256}, ${recorded} is recorded`);
  const members = manifest.members.map((member) => ({ ...member, sha256 }));
  return { problems: [], completed: { ...manifest, sha256, digestsFrom: 'reading', members } };
}

async function* counted(bytes: AsyncIterable<Uint8Array>, onBytes: ((bytes: number) => void) | undefined) {
  for await (const chunk of bytes) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}
