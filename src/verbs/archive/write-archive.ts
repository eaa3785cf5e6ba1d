import { type MemberLines, memberLines } from '../../catalog/member-lines.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { contentMembers, type Manifest, type Member } from '../../model/manifest.ts';
import type { Packed, PackedStream, PackItem } from '../../pack/pack-item.ts';
import type { PackThreads } from '../../pack/pack-threads.ts';
import { smallBytes } from '../../pack/small-batch.ts';
import { packPlain, packTar } from '../../pack/tar-writer.ts';
import type { Finding } from '../../plan/finding.ts';
import { signatureOfEntries } from '../../shards/signature.ts';
import type { Written } from '../../store/store.ts';
import { type Project, signalOf } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { ArchiveWork } from './archive-work.ts';
import { packList } from './pack-items.ts';

export interface WriteOptions {
  readonly signal?: AbortSignal;
  readonly allowShrink: boolean;
  /** When the scan ended: milliseconds since 1970 UTC. */
  readonly scannedAt: number;
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
  /** For archives of many small files. */
  readonly threads: PackThreads | undefined;
  /** Told how many bytes and members of this archive are done; starts over when the archive does. */
  readonly progress?: (bytes: number, items: number) => void;
}

/** An archive that is durable in the store and checked, and has not its name yet. */
export interface WrittenArchive {
  readonly plan: PlannedArchive;
  readonly written: Written;
  readonly manifest: Manifest & { readonly sha256: string };
  /** The journal lines of its members, so far as they are made. */
  readonly lines: MemberLines | undefined;
  /** How many members came over from the archive that is replaced. */
  readonly carried: number;
}

/**
 * Packs one archive, writes it and checks what was written. `archive` is undefined if nothing was left to archive. A file that changes while it
 * is read costs one new try; if it changes again, the archive holds it torn, and that is told. Throws what the store or the disk throws.
 */
export async function writeArchive(
  project: Project,
  plan: PlannedArchive,
  load: () => Promise<ArchiveWork>,
  options: WriteOptions,
): Promise<{ readonly archive: WrittenArchive | undefined; readonly findings: readonly Finding[] }> {
  const { written, packed, lines, carried, findings } = await writeWhatHoldsStill(project, plan, await load(), options);
  if (written === undefined) return { archive: undefined, findings };
  await checkWritten(project, written, packed);
  const { bytes, sha256, members } = packed;
  const manifest = {
    key: plan.key,
    format: plan.format,
    bytes,
    sha256,
    base: '',
    adopted: false,
    digestsFrom: 'writing' as const,
    ...signed(packed),
    members,
  };
  return { archive: { plan, written, manifest, lines, carried }, findings };
}

/** What a listing will say of the members if nothing changes. A torn member is no state that its file ever had. */
function signed({ members }: Packed): Pick<Manifest, 'signature'> {
  if (members.some((member) => member.torn)) return {};
  return { signature: signatureOfEntries(members.filter((member) => member.type !== 'directory')) };
}

type Attempt = {
  readonly written: Written | undefined;
  readonly packed: Packed;
  /** The journal lines of the members. */
  readonly lines?: MemberLines | undefined;
  readonly carried: number;
  readonly findings: readonly Finding[];
};

async function writeWhatHoldsStill(
  project: Project,
  plan: PlannedArchive,
  work: ArchiveWork,
  options: WriteOptions,
): Promise<Attempt> {
  const unreadable = new Map<string, string>();
  const dropped = new Set<string>();
  let settle = false;
  for (let first = true; ; first = false) {
    const fresh = first && project.clock.now().getTime() - options.scannedAt < freshMilliseconds;
    const list = packList(plan, work, project.store, { ...options, fresh, unreadable, dropped });
    const hasContent = list.items.some((item) => item.member.type !== 'directory');
    if (!hasContent) return { written: undefined, packed: nothing, carried: 0, findings: list.findings };
    const signal = signalOf(options);
    const onProgress = options.progress === undefined ? {} : { onProgress: options.progress };
    const isManySmall = list.items.length >= worthThreads && plan.bytes <= list.items.length * smallBytes;
    const threads = isManySmall && options.threads !== undefined ? { threads: options.threads } : {};
    let lines: Promise<MemberLines> | undefined;
    const onMembers = (members: readonly Member[]) => {
      lines = memberLines(members);
    };
    const pieces = { settle, expectedBytes: plan.bytes, onMembers };
    const stream = pack(plan, list.items, { ...pieces, ...threads, ...signal, ...onProgress });
    try {
      const written = await project.store.write(plan.key, stream.chunks, signal);
      const packed = stream.result();
      const left = leftBehind(plan, work, packed, dropped).filter((path) => !unreadable.has(path));
      if (left.length > 0) {
        // It vanished between the last look and the reading: now it comes over from the old archive.
        await project.store.discard(written);
        for (const path of left) unreadable.set(path, 'it vanished while it was archived');
        continue;
      }
      const findings = [...list.findings, ...unsettledFindings(plan, packed)];
      if (packed.members.some((member) => member.type !== 'directory'))
        return { written, packed, lines: await lines, carried: list.carried, findings };
      await project.store.discard(written);
      return { written: undefined, packed, carried: 0, findings };
    } catch (error) {
      const path = isStowageError(error) && typeof error.facts.path === 'string' ? error.facts.path : undefined;
      if (isStowageError(error, 'changed') && !settle) settle = true;
      else if (isStowageError(error, 'unavailable') && path !== undefined && !unreadable.has(path))
        unreadable.set(path, reasonOf(error));
      else if (
        isStowageError(error, 'corrupt', 'missing') &&
        path !== undefined &&
        options.allowShrink &&
        !dropped.has(path)
      )
        dropped.add(path);
      else throw error;
    }
  }
}

/** A thread takes longer to start than so many small files to read. */
const worthThreads = 5000;

/** Within this time of the scan, looking at every file once more costs more than a rare second try. */
const freshMilliseconds = 10_000;

/** Members of the archive that is replaced and that its replacement lacks: no replacement may hold less. */
function leftBehind(
  plan: PlannedArchive,
  work: ArchiveWork,
  packed: Packed,
  dropped: ReadonlySet<string>,
): readonly string[] {
  if (plan.format !== 'tar' || work.held === undefined) return [];
  const there = new Set(packed.members.map((member) => member.path));
  const promised = new Set([...work.entries, ...work.carried].map((one) => one.path));
  return contentMembers(work.held)
    .map((member) => member.path)
    .filter((path) => promised.has(path) && !there.has(path) && !dropped.has(path));
}

const nothing: Packed = { bytes: 0, sha256: '', members: [], unsettled: [] };

function pack(plan: PlannedArchive, items: readonly PackItem[], options: Parameters<typeof packTar>[1]): PackedStream {
  return plan.format === 'tar' ? packTar(items, options) : packPlain(items[0]!, options);
}

function reasonOf(error: StowageError): string {
  return error.message;
}

function unsettledFindings(plan: PlannedArchive, packed: Packed): readonly Finding[] {
  return packed.unsettled.map(({ path, kind, reason }) =>
    kind === 'changed' ? { kind: 'torn', archive: plan.key, path } : { kind: 'refused', path, why: { kind, reason } },
  );
}

/** The written object must be what was streamed, by its size and by every digest that the store claims. */
async function checkWritten(project: Project, written: Written, packed: Packed): Promise<void> {
  const { bytes, digests } = written.object;
  const claimed = digests.sha256;
  if (bytes === packed.bytes && (claimed === undefined || claimed === packed.sha256)) return;
  await project.store.discard(written);
  throw new StowageError('corrupt', `what the store wrote for '${displayName(written.key)}' is not what it was given`, {
    hint: 'run the same command again; if it stays so, do not trust this store',
    facts: { bytes, expectedBytes: packed.bytes, sha256: claimed, expectedSha256: packed.sha256 },
  });
}
