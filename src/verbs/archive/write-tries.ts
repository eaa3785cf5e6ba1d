import { isStowageError, StowageError } from '../../errors.ts';
import { contentMembers } from '../../model/manifest.ts';
import type { Packed, PackedStream, PackItem, PackStep } from '../../pack/pack-item.ts';
import type { PackOptions } from '../../pack/pack-options.ts';
import { smallBytes } from '../../pack/small-file.ts';
import { packPlain, packTar } from '../../pack/tar-writer.ts';
import type { Finding } from '../../plan/finding.ts';
import { pathOfLine } from '../../shards/listing-row.ts';
import type { Written } from '../../store/store.ts';
import { type Project, signalOf } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { ArchiveWork } from './archive-work.ts';
import type { BatchPacker } from './batch-packer.ts';
import { batchSteps, type FreshSource, singleSteps } from './fresh-steps.ts';
import { freshWork } from './fresh-work.ts';
import { type BookedMembers, type MemberBook, memberBook } from './member-book.ts';
import { packByStore, type StoreParcel, storeParcel } from './pack-by-store.ts';
import { type PackList, packList } from './pack-items.ts';
import { refreshedWork } from './refreshed-work.ts';
import { membersOf } from './work-units.ts';

/** How an archive is written. */
export interface WriteOptions {
  readonly signal?: AbortSignal;
  readonly allowShrink: boolean;
  /** When the scan ended: milliseconds since 1970 UTC. */
  readonly scannedAt: number;
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
  /** For archives of many small files. */
  readonly packer: BatchPacker | undefined;
  /** A folder for work files. */
  readonly workFolder: () => Promise<string>;
  /** What files are known to hold, by path: an archive in which one is another is not kept. */
  readonly digests: ReadonlyMap<string, string> | undefined;
  /** Told how many bytes and members of this archive are done; starts over when the archive does. */
  readonly progress?: (bytes: number, items: number) => void;
}

/** What one archive came to: written, or nothing was left to write. */
export type Attempt = {
  readonly written: Written | undefined;
  readonly packed: Packed;
  readonly members?: BookedMembers;
  readonly carried: number;
  readonly findings: readonly Finding[];
  /** What the store packed itself; or why it did not, where it can. */
  readonly byStore?: StoreParcel | string | undefined;
};

/**
 * Packs one archive and has the store write it, again where something changed meanwhile: what changed once is read once more and then taken
 * as it is, torn; what cannot be read any more is left out, or comes over from the archive that is replaced. Throws what the store or the
 * disk throws.
 */
export async function writeWhatHoldsStill(
  project: Project,
  plan: PlannedArchive,
  work: ArchiveWork,
  options: WriteOptions,
): Promise<Attempt> {
  const unreadable = new Map<string, string>();
  const dropped = new Set<string>();
  const isFresh = project.clock.now().getTime() - options.scannedAt < freshMilliseconds;
  const isByStore = plan.packing?.by === 'store';
  let settle = false;
  for (let first = true; ; first = false) {
    const path = await workPath(project, plan, options);
    // A try after the first looks at everything again: something did not hold still.
    const now =
      isByStore || work.carried.length > 0
        ? undefined
        : first && isFresh
          ? { work, discard: () => undefined }
          : refreshedWork(plan, work, { roots: options.roots, unreadable }, path && `${path}.now`);
    const fresh = now === undefined ? undefined : freshWork(plan.format, now.work, options.roots);
    const keepsPaths = plan.format === 'tar' && work.held !== undefined;
    const signedBy = fresh === undefined || settle ? 'members' : 'lines';
    const book = memberBook({ signedBy, keepsPaths, path });
    const list =
      fresh === undefined ? packList(plan, work, project.store, { ...options, unreadable, dropped }) : undefined;
    const byStore = isByStore
      ? storeParcel(plan.name, list?.items ?? [], project.store, options.roots, settle)
      : undefined;
    const from =
      list === undefined
        ? freshly({ work: now!.work, fresh: fresh!, roots: options.roots, book }, plan, settle, options)
        : listed(list);
    if (!from.hasContent) return { written: undefined, packed: nothing, carried: 0, findings: from.findings };
    const signal = signalOf(options);
    const onProgress = options.progress === undefined ? {} : { onProgress: options.progress };
    try {
      if (typeof byStore === 'object') {
        const written = await packByStore(plan.key, byStore, project.store, book.add, { ...signal, ...onProgress });
        const packed = { ...nothing, bytes: written.object.bytes };
        return { written, packed, members: book.close(), carried: 0, findings: from.findings, byStore };
      }
      const stream = pack(plan, from.steps, {
        settle,
        expectedBytes: plan.bytes,
        hashHere: from.hashHere,
        onMember: book.add,
        ...onProgress,
        ...signal,
      });
      const written = await project.store.write(plan.key, stream.chunks, signal);
      const packed = stream.result();
      const left = leftBehind(plan, work, book, dropped).filter((path) => !unreadable.has(path));
      if (left.length > 0) {
        // It vanished between the last look and the reading: now it comes over from the old archive.
        await project.store.discard(written);
        book.discard();
        for (const path of left) unreadable.set(path, 'it vanished while it was archived');
        continue;
      }
      const findings = [...from.findings, ...unsettledFindings(plan, packed)];
      const members = book.close();
      if (members.content.members > 0) return { written, packed, members, carried: from.carried, findings, byStore };
      await project.store.discard(written);
      return { written: undefined, packed, carried: 0, findings };
    } catch (error) {
      book.discard();
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
    } finally {
      now?.discard();
    }
  }
}

/** Only what is known of many members needs a file. */
async function workPath(project: Project, plan: PlannedArchive, options: WriteOptions): Promise<string | undefined> {
  if (membersOf(plan) < worthAFile) return undefined;
  return `${await options.workFolder()}/${Buffer.from(project.random(8)).toString('hex')}.lines`;
}

/** What one try packs. */
interface Try {
  readonly steps: Iterable<PackStep> | AsyncIterable<PackStep>;
  readonly hasContent: boolean;
  readonly hashHere: boolean;
  readonly carried: number;
  readonly findings: readonly Finding[];
}

function listed({ items, carried, findings }: PackList): Try {
  const hasContent = items.some((item) => item.member.type !== 'directory');
  return { steps: items.map((item) => ({ item })), hasContent, hashHere: false, carried, findings };
}

function freshly(from: FreshSource, plan: PlannedArchive, settle: boolean, { packer }: WriteOptions): Try {
  const isManySmall = plan.members >= worthThreads && plan.bytes <= plan.members * smallBytes;
  // Of a file that does not hold still there is more to be said than that.
  const isBatched = plan.format === 'tar' && isManySmall && !settle && packer !== undefined;
  const steps = isBatched ? batchSteps(from, packer) : singleSteps(from);
  return { steps, hasContent: plan.members > 0, hashHere: isBatched, carried: 0, findings: [] };
}

const worthAFile = 20_000;

/** A thread takes longer to start than so many small files to read. */
export const worthThreads = 5000;

/** Within this time of the scan, looking at every file once more costs more than a rare second try. */
const freshMilliseconds = 10_000;

/** Members of the archive that is replaced and that its replacement lacks: no replacement may hold less. */
function leftBehind(
  plan: PlannedArchive,
  work: ArchiveWork,
  book: MemberBook,
  dropped: ReadonlySet<string>,
): readonly string[] {
  if (plan.format !== 'tar' || work.held === undefined) return [];
  const promised = new Set(work.carried.map((one) => one.path));
  for (const line of work.lines) promised.add(pathOfLine(line));
  return contentMembers(work.held)
    .map((member) => member.path)
    .filter((path) => promised.has(path) && !book.has(path) && !dropped.has(path));
}

const nothing: Packed = { bytes: 0, sha256: '', members: 0, unsettled: [] };

function pack(plan: PlannedArchive, steps: Try['steps'], options: PackOptions): PackedStream {
  return plan.format === 'tar' ? packTar(steps, options) : packPlain(onlyItem(steps), options);
}

function onlyItem(steps: Try['steps']): PackItem {
  if (Symbol.iterator in steps) for (const step of steps) if ('item' in step) return step.item;
  throw new StowageError('bug', 'a plain archive has no item');
}

function reasonOf(error: StowageError): string {
  return error.message;
}

function unsettledFindings(plan: PlannedArchive, packed: Packed): readonly Finding[] {
  return packed.unsettled.map(({ path, kind, reason }) =>
    kind === 'changed' ? { kind: 'torn', archive: plan.key, path } : { kind: 'refused', path, why: { kind, reason } },
  );
}
