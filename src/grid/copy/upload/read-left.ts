import { realFiles } from '../../../durable/real-files.ts';
import { removeLeftBehind } from '../../../durable/remove-left-behind.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { CopyParts } from '../copy-parts.ts';
import { begunName, removeJournal } from './copy-journal.ts';
import { type LeftUpload, leftUploads } from './left-uploads.ts';
import { serverSums } from './server-sums.ts';
import { settleLeft } from './settle-left.ts';
import type { Storage } from './store-replica.ts';

/** What ended runs have left. */
export interface Left {
  readonly journals: readonly { readonly path: string; readonly uploads: readonly LeftUpload[] }[];
  readonly byName: ReadonlyMap<string, readonly LeftUpload[]>;
  /** Those that something is left to do for. */
  readonly open: Set<LeftUpload>;
}

/** Reads the journals, and settles what does not have to wait until its file is copied again. */
export async function readLeft(parts: CopyParts, storage: Storage, tell: (event: CopyEvent) => void): Promise<Left> {
  const { journals, unreadable } =
    parts.journals === undefined
      ? { journals: [], unreadable: [] }
      : await leftUploads(parts.journals, parts.clock.now());
  if (parts.journals !== undefined) await removeLeftBehind(realFiles, parts.journals, begunName);
  for (const path of unreadable) {
    tell({ kind: 'settled', how: `the journal '${path}' cannot be read, and is left as it is` });
  }
  const open = new Set<LeftUpload>();
  const byName = new Map<string, LeftUpload[]>();
  for (const upload of journals.flatMap(({ uploads }) => uploads)) {
    if (await settleLeft(parts, storage, upload, tell)) continue;
    open.add(upload);
    byName.set(upload.lfn, [...(byName.get(upload.lfn) ?? []), upload]);
  }
  return { journals, byName, open };
}

/** Removes the journals in which nothing is left to do. */
export async function removeSettled({ journals, open }: Left): Promise<void> {
  for (const { path, uploads } of journals) {
    if (uploads.every((one) => !open.has(one))) await removeJournal(realFiles, path);
  }
}

/** Ends the replacements that ended runs have left half way, before names are looked for that they may have left elsewhere. What cannot be settled is told. */
export async function settleLeftRuns(parts: CopyParts, tell: (event: CopyEvent) => void): Promise<void> {
  await removeSettled(await readLeft(parts, { session: parts.storage, sums: serverSums(parts.storage) }, tell));
}
