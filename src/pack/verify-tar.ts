import { createHash, type Hash, hash } from 'node:crypto';
import type { Manifest, Member } from '../model/manifest.ts';

/** Something that is not as the manifest says; the archive as a whole has the path ''. */
export interface Difference {
  readonly path: string;
  readonly what: string;
}

/** What one reading of a whole archive found. */
export interface ArchiveReading {
  readonly bytes: number;
  /** Hex SHA-256 of the whole archive. */
  readonly sha256: string;
  /** Empty if the archive holds what its manifest says. */
  readonly differences: readonly Difference[];
  /** The SHA-256 of every file that was there in full, hard links included: what an adopted archive's manifest lacks. */
  readonly digests: ReadonlyMap<string, string>;
}

interface Placed extends Member {
  readonly offset: number;
}

/**
 * Reads a whole archive once and compares it, and each member at its offset, with the manifest. Damage is an answer; only a stream that fails throws.
 * Headers are judged by the archive's digest: where the manifest has none (an adopted archive), walk them with `tarIndex`.
 */
export async function verifyTar(chunks: AsyncIterable<Uint8Array>, manifest: Manifest): Promise<ArchiveReading> {
  const archive = createHash('sha256');
  const places = manifest.members
    .filter((member): member is Placed => member.offset !== undefined)
    .sort((a, b) => a.offset - b.offset);
  // By object, not by path: a foreign tar may hold a name twice.
  const found = new Map<Member, string>();
  let next = 0;
  let open: { readonly member: Placed; readonly hash: Hash }[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    archive.update(chunk);
    const from = bytes;
    bytes += chunk.length;
    open = open.filter(({ member, hash: digest }) => {
      digest.update(chunk.subarray(0, Math.max(0, member.offset + member.bytes - from)));
      if (member.offset + member.bytes > bytes) return true;
      found.set(member, digest.digest('hex'));
      return false;
    });
    for (; next < places.length && places[next]!.offset < bytes; next += 1) {
      const member = places[next]!;
      const start = member.offset - from;
      if (member.offset + member.bytes <= bytes) {
        found.set(member, hash('sha256', chunk.subarray(start, start + member.bytes), 'hex'));
      } else {
        open.push({ member, hash: createHash('sha256').update(chunk.subarray(start)) });
      }
    }
  }
  // Empty files at the very end of an archive.
  for (; next < places.length && places[next]!.offset <= bytes && places[next]!.bytes === 0; next += 1) {
    found.set(places[next]!, hash('sha256', '', 'hex'));
  }
  const sha256 = archive.digest('hex');
  const digests = new Map<string, string>();
  const differences = [...wholeDifferences(manifest, bytes, sha256), ...memberDifferences(manifest, found, digests)];
  return { bytes, sha256, differences, digests };
}

function* wholeDifferences(manifest: Manifest, bytes: number, sha256: string): Generator<Difference> {
  if (bytes !== manifest.bytes) yield { path: '', what: `it has ${bytes} bytes and should have ${manifest.bytes}` };
  if (manifest.sha256 !== undefined && sha256 !== manifest.sha256) {
    yield { path: '', what: `its SHA-256 is ${sha256} and should be ${manifest.sha256}` };
  }
}

/** Fills `digests`; a hard link has the digest of the file that it names. */
function* memberDifferences(
  manifest: Manifest,
  found: ReadonlyMap<Member, string>,
  digests: Map<string, string>,
): Generator<Difference> {
  const files = manifest.members.filter((member) => member.type === 'file');
  const own = files.filter((member) => member.hardLink === undefined);
  for (const member of own) {
    const digest = found.get(member);
    if (digest !== undefined) digests.set(member.path, digest);
    const what = judged(member, digest);
    if (what !== undefined) yield { path: member.path, what };
  }
  for (const member of files) {
    if (member.hardLink === undefined) continue;
    const digest = digests.get(member.hardLink);
    if (digest !== undefined) digests.set(member.path, digest);
    const what = digest === undefined ? 'the file that it is a further name of was not found' : judged(member, digest);
    if (what !== undefined) yield { path: member.path, what };
  }
}

function judged(member: Member, digest: string | undefined): string | undefined {
  if (digest === undefined) {
    return member.offset === undefined
      ? 'nobody recorded where it begins'
      : 'it is missing, the archive ends before it does';
  }
  if (member.sha256 === undefined || member.sha256 === digest) return undefined;
  return `its SHA-256 is ${digest} and should be ${member.sha256}`;
}
