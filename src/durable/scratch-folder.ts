import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentDecode, percentEncode } from '../model/percent.ts';
import type { FileOperations } from './file-operations.ts';
import { type Holder, holderState, thisHolder } from './holder.ts';
import { removeTree } from './remove-tree.ts';

/** A folder for what need not outlive this process, with a name that nobody else has. */
export interface ScratchFolder {
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** What the folders begin with in which `doctor` tries things. */
export const doctorFolder = '.stowage-doctor-';

/** What the folders begin with in which commands put aside what does not fit into memory. */
export const workFolder = 'work-';

/**
 * Makes a scratch folder in an existing folder, and first removes those of processes that were killed. Its name says whose it is, so that
 * it is recognized at whatever moment that was; `beginning` is what all of one kind begin with.
 */
export async function scratchFolder(files: FileOperations, parent: string, beginning: string): Promise<ScratchFolder> {
  await removeLeftovers(files, parent, beginning);
  const path = `${parent}/${beginning}${nameFor(thisHolder(), randomBytes(8).toString('hex'))}`;
  try {
    await files.mkdir(path, 0o700);
  } catch (error) {
    throw fileError(`cannot make a folder in '${displayName(parent)}'`, error);
  }
  return { path, remove: () => removeTree(files, path) };
}

async function removeLeftovers(files: FileOperations, parent: string, beginning: string): Promise<void> {
  const children = await readdir(fsPath(parent)).catch((error: unknown) => {
    throw fileError(`cannot list '${displayName(parent)}'`, error);
  });
  for (const child of children) {
    const holder = holderIn(child, beginning);
    if (holder !== undefined && holderState(holder) === 'dead') await removeTree(files, `${parent}/${child}`);
  }
}

/** At most some 200 bytes: a host's name has 64. */
function nameFor({ host, bootId, pidNamespace, pid, startTime }: Holder, random: string): string {
  const fields = [host, bootId ?? '', pidNamespace ?? '', String(pid), startTime ?? '', random];
  return fields.map((field) => percentEncode(field, '-.')).join('_');
}

/** Whose folder this is; undefined for a name that we did not give. */
function holderIn(name: string, beginning: string): Holder | undefined {
  if (/%(?![0-9A-F]{2})/.test(name)) return undefined;
  const fields = name.startsWith(beginning) ? name.slice(beginning.length).split('_') : [];
  const [host, bootId, pidNamespace, pid, startTime, random] = fields.map((field) => percentDecode(field));
  if (fields.length !== 6 || !host || !/^[1-9]\d*$/.test(pid ?? '') || !/^[0-9a-f]{16}$/.test(random ?? ''))
    return undefined;
  return {
    host,
    ...(bootId ? { bootId } : {}),
    ...(pidNamespace ? { pidNamespace } : {}),
    pid: Number(pid),
    ...(startTime ? { startTime } : {}),
  };
}
