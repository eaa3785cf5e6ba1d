import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { ManifestHead } from '../../model/manifest.ts';
import type { Packed } from '../../pack/pack-item.ts';
import type { Finding } from '../../plan/finding.ts';
import type { Written } from '../../store/store.ts';
import type { Project } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { StoredArchive } from './archive-event.ts';
import type { ArchiveWork } from './archive-work.ts';
import type { BookedMembers } from './member-book.ts';
import { otherThanKnown } from './other-than-known.ts';
import { placedWork } from './placed-work.ts';
import { type WriteOptions, writeWhatHoldsStill } from './write-tries.ts';

/** An archive that is durable in the store and checked, and has not its name yet. */
export interface WrittenArchive {
  readonly plan: PlannedArchive;
  readonly written: Written;
  readonly head: ManifestHead;
  /** Where the store could have made it itself: whether it did, or why not. */
  readonly packed?: StoredArchive['packed'];
  readonly members: BookedMembers;
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
  const { written, packed, members, carried, findings, byStore } = await writeWhatHoldsStill(
    project,
    plan,
    await placedWork(project, await load(), options),
    options,
  );
  if (written === undefined || members === undefined) return { archive: undefined, findings };
  const isByStore = typeof byStore === 'object';
  if (!isByStore) await checkWritten(project, written, packed);
  const other = options.digests === undefined ? undefined : otherThanKnown(members.lines, options.digests);
  if (other !== undefined) {
    await project.store.discard(written);
    members.discard();
    throw new StowageError('corrupt', `'${displayName(other)}' is not what it was known to hold`, {
      facts: { file: other },
    });
  }
  const { bytes, sha256 } = packed;
  const { md5 } = written.object.digests;
  const head: ManifestHead = {
    key: plan.key,
    format: plan.format,
    bytes,
    ...(isByStore ? {} : { sha256 }),
    ...(md5 === undefined ? {} : { md5 }),
    base: isByStore ? byStore.base : '',
    adopted: false,
    digestsFrom: isByStore ? 'source' : 'writing',
    ...(members.signature === undefined ? {} : { signature: members.signature }),
  };
  // What did not hold still since the plan was made can be none for the store any more.
  const how = typeof byStore === 'string' ? { by: 'us' as const, why: byStore } : plan.packing;
  const archive = { plan, written, head, members, carried, ...(how === undefined ? {} : { packed: how }) };
  return { archive, findings };
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
