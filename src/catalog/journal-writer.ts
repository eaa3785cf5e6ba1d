import { type AppendFile, appendFile } from '../durable/append-file.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { settleFolder } from '../durable/folder.ts';
import { fileError, StowageError } from '../errors.ts';
import { nameToJson } from '../model/byte-name.ts';
import type { Manifest, ManifestHead } from '../model/manifest.ts';
import { journalLine } from './journal-line.ts';
import { linesOfMembers, type MemberLines } from './member-lines.ts';
import type { JournalRecord, RunRecord } from './records.ts';
import { journalFolder, journalPath, type StateFolder } from './state-folder.ts';

/**
 * The journal of the run that is at work: one writer, lines in the order of the calls, which may overlap, durable at each `commit`. What is
 * added while a manifest is being added comes behind all of its members.
 */
export interface JournalWriter {
  readonly run: string;
  /** Adds a record; durable after the next `commit`. */
  add(record: JournalRecord): Promise<void>;
  /** Adds a manifest and its members under `token`. */
  addManifest(token: string, manifest: Manifest): Promise<void>;
  /** The same where the lines of the members are made already. */
  addMadeManifest(token: string, head: ManifestHead, lines: MemberLines): Promise<void>;
  /** Resolved = everything added so far is durable. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Begins the journal of a run with its `run` line, durably. Fails if the run has a journal already. */
export async function journalWriter(
  files: FileOperations,
  state: StateFolder,
  record: RunRecord,
): Promise<JournalWriter> {
  await settleFolder(files, journalFolder(state, record.section), state.path);
  const file: AppendFile = await appendFile(files, journalPath(state, record.section, record.run));
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = (step: () => Promise<void>): Promise<void> => {
    const done = last.then(step);
    last = done.catch(() => undefined);
    return done;
  };
  const writer: JournalWriter = {
    run: record.run,
    add: (line) => inOrder(async () => file.append(journalLine(line))),
    addManifest: (token, manifest) => writer.addMadeManifest(token, manifest, linesOfMembers(manifest.members)),
    addMadeManifest: (token, head, lines) => inOrder(() => appendManifest(file, token, head, lines)),
    commit: () => inOrder(() => file.commit().catch(cannotWrite)),
    close: () => inOrder(() => file.close().catch(cannotWrite)),
  };
  try {
    await writer.add(record);
    await writer.commit();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  return writer;
}

/** More than this is not held back for the next commit. */
const heldBytes = 256 << 10;

async function appendManifest(file: AppendFile, token: string, head: ManifestHead, lines: MemberLines): Promise<void> {
  const { key, format, bytes, base, adopted, digestsFrom, sha256, md5, signature } = head;
  const digest = {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(md5 === undefined ? {} : { md5 }),
    ...(signature === undefined ? {} : { signature }),
  };
  const foreign = head.foreign?.map(({ path, what }) => ({ ...nameToJson(path), what }));
  file.append(
    journalLine({
      kind: 'manifest',
      token,
      key,
      format,
      bytes,
      ...digest,
      base,
      adopted,
      digestsFrom,
      members: lines.count,
      ...(foreign === undefined ? {} : { foreign }),
    }),
  );
  let held = 0;
  for (const piece of lines.pieces) {
    file.append(piece);
    held += piece.length;
    if (held < heldBytes) continue;
    await file.flush().catch(cannotWrite);
    held = 0;
  }
}

/** A run whose journal cannot be written must end: what it did from there on nobody would know. */
function cannotWrite(cause: unknown): never {
  const { code, message, hint } = fileError('cannot write the journal of this run', cause);
  throw new StowageError(code, message, { cause, facts: { journal: true }, ...(hint === undefined ? {} : { hint }) });
}
