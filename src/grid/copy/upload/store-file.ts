import { StowageError } from '../../../errors.ts';
import { displayName, nameToJson } from '../../../model/byte-name.ts';
import type { Access, CatalogueEntry } from '../../grid-results.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { Upload } from '../copy-job.ts';
import type { Content } from './content.ts';
import type { LocalFile } from './local-file.ts';
import { passingNames, replaceTarget } from './replace-target.ts';
import { sharedChunks } from './shared-chunks.ts';
import type { UploadRun } from './upload-run.ts';
import { wishOf } from './where-to.ts';
import { type Written, writeReplicas } from './write-replicas.ts';

/** A file whose turn has come. */
export interface Ready {
  readonly job: Upload;
  readonly file: LocalFile;
  readonly content: Content;
  /** Where it is already, as an earlier run has left it. */
  readonly at: readonly string[];
  /** What it is to take the place of. */
  readonly old: CatalogueEntry | undefined;
}

const defaultChunkBytes = 4 << 20;

/** The bytes of a file for all its replicas. */
export function chunksOf({ options }: UploadRun, file: LocalFile, content: Content) {
  return sharedChunks(file, content, options.chunkBytes ?? defaultChunkBytes);
}

/** Stores a file, and puts it in the place of the old one if there is one. Answers where it is; rejects with what is missing, if anything is. */
export async function storeFile(
  run: UploadRun,
  { job, file, content, at, old }: Ready,
  tell: (event: CopyEvent) => void,
): Promise<readonly string[]> {
  const { journal, parts } = run;
  const { lfn } = job;
  const id = journal?.next() ?? 0;
  const keep = job.inPlaceOf === undefined ? {} : { keep: job.inPlaceOf.keep };
  const names = old === undefined ? undefined : { lfn, ...passingNames(lfn), ...keep };
  const { bytes, md5 } = content;
  let told = 0;
  const written = await writeReplicas(parts.grid, run.storage, {
    lfn: names?.as ?? lfn,
    wish: wishOf(job, bytes),
    writing: {
      content,
      chunks: chunksOf(run, file, content),
      options: run.options,
      refuseChanged: () => file.refuseChanged(),
    },
    options: run.options,
    at,
    async booked(accesses) {
      const as = names === undefined ? {} : { as: names.as };
      const replicas = accesses.map(bookedReplica);
      await journal?.booked(id, { lfn, ...as, local: nameToJson(job.local), bytes, md5, replicas });
    },
    moved(now) {
      if (now > told) tell({ kind: 'moved', job, bytes: now - told });
      told = Math.max(told, now);
    },
    failed: (se, reason) => tell({ kind: 'replica failed', job, se, reason }),
  });
  const isWhole = written.elements.length >= written.wanted;
  if (names === undefined || old === undefined) {
    // What is there too seldom is made up for by the next run, which finds it in the journal.
    if (!written.isOpen && (isWhole || written.elements.length === 0)) journal?.done(id);
    if (!isWhole) throw tooFew(lfn, written);
    return written.elements;
  }
  if (!isWhole) {
    if (written.elements.length > 0) await parts.grid.rm([names.as]);
    if (!written.isOpen) journal?.done(id);
    throw tooFew(lfn, { ...written, elements: [] });
  }
  const { isSettled, reason } = await replaceTarget(run, id, names, old, content, tell);
  if (isSettled && !written.isOpen) journal?.done(id);
  if (reason !== undefined) throw reason;
  return written.elements;
}

function bookedReplica({ se, url, guid, envelope }: Access) {
  return { se, url, guid, envelope };
}

function tooFew(lfn: string, { elements, wanted, failures }: Written): StowageError {
  const shown = displayName(lfn);
  // The first one: what follows it is often no more than its consequence.
  const first = failures[0];
  const why = first === undefined ? '' : `: ${first.message}`;
  const many = `${wanted} storage element${wanted === 1 ? '' : 's'}`;
  const message =
    elements.length === 0
      ? `${shown} could not be stored at ${wanted === 1 ? 'a storage element' : `any of ${many}`}${why}`
      : `${shown} is stored and committed at ${elements.length} of ${many} (${elements.join(', ')}), and not at the others${why}`;
  const hint =
    first?.hint ?? (elements.length === 0 ? undefined : 'run the same again: only what is missing is stored');
  return new StowageError(first?.code ?? 'unavailable', message, {
    ...(hint === undefined ? {} : { hint }),
    facts: { ...first?.facts, lfn, elements, wanted },
    ...(first === undefined ? {} : { cause: first }),
  });
}
