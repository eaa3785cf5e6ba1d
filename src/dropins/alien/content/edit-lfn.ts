import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realFiles } from '../../../durable/real-files.ts';
import { removeTree } from '../../../durable/remove-tree.ts';
import { fileError, StowageError, systemCode } from '../../../errors.ts';
import type { CopyParts } from '../../../grid/copy/copy-parts.ts';
import { settleLeftRuns } from '../../../grid/copy/upload/read-left.ts';
import { gridError } from '../../../grid/errno.ts';
import type { CatalogueEntry } from '../../../grid/grid-results.ts';
import { baseOfLfn } from '../../../grid/lfn.ts';
import { runInTerminal } from '../../../programs/run-in-terminal.ts';
import type { Context } from '../client-command.ts';
import { failed, type Outcome, outcomeOf, said } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';
import { readingOptions } from './copy-session.ts';
import { emptyFile, lfnCopy } from './lfn-copy.ts';
import { storeEdited, tellCopyEvent } from './store-edited.ts';

/** What is to be edited, with what, and what becomes of the old content. */
export interface Editing {
  /** The command, for messages. */
  readonly command: string;
  /** Absolute. */
  readonly lfn: string;
  /** Where the new content goes; as many replicas as there are now if nothing is said. */
  readonly where: readonly string[];
  /** The editor and its own arguments. */
  readonly editor: readonly string[];
  /** The name that the old content gets. */
  readonly backup: string;
}

/**
 * Has a person edit an LFN. What was not changed is not stored. What was edited and could not be stored is kept, in a folder that nobody else can look into, and its place is
 * told; so it is where this process is killed.
 */
export async function editLfn(context: Context, parts: CopyParts, editing: Editing): Promise<Outcome> {
  const { command, lfn } = editing;
  await settleLeftRuns(parts, (event) => tellCopyEvent(event, context.tell));
  const before = await parts.grid.stat(lfn, sendOptions(context));
  if (before === undefined) return failed(2, `${command}: there is no ${lfn}`);
  if (before.type !== 'file') throw gridError(command, 22, `${lfn} is a ${before.type} and no file`);
  if ((await parts.grid.stat(editing.backup))?.type === 'directory') {
    throw gridError(command, 21, `${editing.backup}, where the old content should go, is a directory`);
  }
  const folder = await privateFolder(context.places.temporary);
  const path = `${folder}/${baseOfLfn(lfn)}`;
  let keeps = false;
  try {
    if (before.bytes === 0) await emptyFile(path);
    else await lfnCopy(parts, lfn, path, readingOptions(context, command));
    const first = await md5Of(path);
    const [program = 'vi', ...args] = editing.editor;
    const status = await context.lendTerminal(() => runInTerminal(program, [...args, path]));
    keeps = true;
    const now = await md5Of(path);
    if (now === first) {
      keeps = false;
      return status === 0 ? said('nothing was changed') : failed(status, `${program} ended with ${status}`);
    }
    const outcome = await outcomeOfText(context, parts, { editing, before, path, status, now });
    keeps = outcome.status !== 0 && now !== undefined;
    return keeps ? { ...outcome, err: `${outcome.err}\nthe edited text is in ${path}`.trim() } : outcome;
  } finally {
    if (!keeps) await removeTree(realFiles, folder);
  }
}

interface Edited {
  readonly editing: Editing;
  readonly before: CatalogueEntry;
  readonly path: string;
  /** Of the editor. */
  readonly status: number;
  /** Undefined if the file is gone. */
  readonly now: string | undefined;
}

/** Never rejects: the text is still there, and its place is to be told. */
async function outcomeOfText(context: Context, parts: CopyParts, edited: Edited): Promise<Outcome> {
  const { editing, before, path, status, now } = edited;
  const { lfn, command, editor, backup } = editing;
  const unstored = `${lfn} stays as it was`;
  if (now === undefined) return failed(1, `${command}: ${editor[0]} left no file; ${unstored}`);
  if (status !== 0) return failed(status, `${command}: ${editor[0]} ended with ${status}; ${unstored}`);
  if (now === emptyMd5) return failed(1, `${command}: nothing is left in the edited text; ${unstored}`);
  if (context.signal?.aborted) return failed(130, `${command}: interrupted; ${unstored}`);
  try {
    const where = editing.where.length > 0 ? editing.where : await asMany(parts, before);
    const job = { kind: 'upload', local: path, lfn, where, inPlaceOf: { old: before, keep: backup } } as const;
    return said(await storeEdited(context, parts, job));
  } catch (error) {
    return outcomeOf(error);
  }
}

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** As many replicas on disks as there were; what the VO says where there was none. */
async function asMany({ grid }: CopyParts, { lfn, bytes }: CatalogueEntry): Promise<readonly string[]> {
  if (bytes === 0) return [];
  const replicas = await grid.whereis(lfn, { resolve: true });
  return replicas.length === 0 ? [] : [`disk:${replicas.length}`];
}

async function privateFolder(parent: string): Promise<string> {
  const path = `${parent}/alien-edit-${randomBytes(6).toString('hex')}`;
  try {
    await realFiles.mkdir(path, 0o700);
    return path;
  } catch (error) {
    throw fileError(`cannot make a folder in '${parent}'`, error);
  }
}

/** Undefined if there is no such file. */
async function md5Of(path: string): Promise<string | undefined> {
  const hash = createHash('md5');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error instanceof StowageError ? error : fileError(`cannot read '${path}'`, error);
  }
  return hash.digest('hex');
}
