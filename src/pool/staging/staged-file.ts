import type { FileOperations, OpenFile } from '../../durable/file-operations.ts';
import { systemCode } from '../../errors.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { IncomingEntry, StagePeerOptions } from '../peers/peer.ts';
import { stagedMember } from './staged-member.ts';
import { writeContent } from './write-content.ts';

/** A file that came, as it is written below a folder. It is not durable yet, and still open. */
export interface StagedFile {
  readonly file: OpenFile;
  /** With its digest. */
  readonly member: Member;
}

/** Writes a file below a folder; what a stopped run left under its name is replaced. What fails leaves nothing. */
export async function stagedFile(
  files: FileOperations,
  folder: string,
  entry: IncomingEntry,
  options: StagePeerOptions,
  content: Uint8Array | AsyncIterable<Uint8Array> = entry.content,
): Promise<StagedFile> {
  const path = joinPath(folder, entry.path);
  const file = await create(files, path);
  try {
    const sha256 = await writeContent(file, content, entry.bytes);
    const member = stagedMember(entry, options, sha256);
    const owner = options.ownership === undefined ? {} : { owner: options.ownership };
    await files.setAttributes(path, { ...owner, mode: member.mode, mtimeNs: member.mtimeNs });
    return { file, member };
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlinkIfThere(files, path).catch(() => undefined);
    throw error;
  }
}

/** Removes what has this name, if anything has. */
export async function unlinkIfThere(files: FileOperations, path: string): Promise<void> {
  await files.unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

async function create(files: FileOperations, path: string): Promise<OpenFile> {
  try {
    return await files.open(path, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    await unlinkIfThere(files, path);
    return files.open(path, 'wx', 0o600);
  }
}
