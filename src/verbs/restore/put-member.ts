import { createHash, hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { createAfresh } from '../../durable/create-afresh.ts';
import type { Attributes, FileOperations } from '../../durable/file-operations.ts';
import { publishNew, publishOver } from '../../durable/publish-file.ts';
import type { WaitingFile } from '../../durable/publish-together.ts';
import { StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { parentOf } from '../../model/relative-path.ts';
import { partialPath } from './partial-name.ts';
import { readFileDigest } from './read-file-digest.ts';

/** What already lies where a member goes: nothing, the same, or something else. */
export async function whatIsThere(
  files: FileOperations,
  local: string,
  member: Member,
): Promise<'free' | 'same' | 'other'> {
  const stats = await files.lstat(local);
  if (stats === undefined) return 'free';
  if (member.type === 'link') {
    return stats.isSymbolicLink() && nameFromBytes(await readlink(fsPath(local), 'buffer')) === member.target
      ? 'same'
      : 'other';
  }
  if (!stats.isFile() || stats.size !== BigInt(member.bytes)) return 'other';
  if (member.sha256 === undefined) return 'other';
  return (await readFileDigest(local)) === member.sha256 ? 'same' : 'other';
}

export interface PutOptions {
  readonly overwrite: boolean;
  /** Set owners too: only the superuser can. */
  readonly owners: boolean;
  readonly onBytes?: (bytes: number) => void;
}

/** Up to here a file is gathered in memory, checked, and written in one go. */
const smallBytes = 1024 * 1024;

/**
 * Writes a file to a partial name and checks it against size and digest; it has its mode and time, and waits for its name: see publish-together.ts. What fails leaves nothing.
 * `together`: one of many, which need no fsync of their own.
 */
export async function writePartial(
  files: FileOperations,
  local: string,
  member: Member,
  content: AsyncIterable<Uint8Array>,
  options: PutOptions & { readonly together: boolean },
): Promise<WaitingFile> {
  const temporary = partialPath(local);
  if (options.together && files.createSmall !== undefined && member.bytes <= smallBytes) {
    const whole = await gathered(member, content, options);
    const replace = await replaces(files, local, options);
    createAfresh(files.createSmall, temporary, whole, attributesOf(member, options));
    return { file: undefined, temporary, path: local, replace };
  }
  await removeIfThere(files, temporary);
  const file = await files.open(temporary, 'wx', 0o600);
  try {
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const chunk of content) {
      digest.update(chunk);
      bytes += chunk.length;
      await file.write(chunk);
      options.onBytes?.(chunk.length);
    }
    checkContent(member, bytes, digest.digest('hex'));
    await files.setAttributes(temporary, attributesOf(member, options));
    return { file, temporary, path: local, replace: await replaces(files, local, options) };
  } catch (error) {
    await discardPartial(files, { file, temporary });
    throw error;
  }
}

/** Closes a file that will not get its name, and removes it as far as that goes: the next run overwrites it. */
export async function discardPartial(
  files: FileOperations,
  { file, temporary }: Pick<WaitingFile, 'file' | 'temporary'>,
) {
  await file?.close().catch(() => undefined);
  await removeIfThere(files, temporary).catch(() => undefined);
}

/** Makes a link, with its time. */
export async function putLink(
  files: FileOperations,
  local: string,
  member: Member,
  options: PutOptions,
): Promise<void> {
  const partial = partialPath(local);
  await removeIfThere(files, partial);
  await files.symlink(member.target ?? '', partial);
  const { mode: _, ...attributes } = attributesOf(member, options);
  await files.setAttributes(partial, attributes);
  await appear(files, partial, local, options);
}

/** Removes what a restore that was killed between giving a file its name and removing the partial one left beside it. */
export async function clearPartial(files: FileOperations, local: string): Promise<void> {
  const partial = partialPath(local);
  if ((await files.lstat(partial)) === undefined) return;
  await files.syncFolder(parentOf(local));
  await removeIfThere(files, partial);
}

/** Gives a restored file a further name. */
export async function putHardLink(
  files: FileOperations,
  local: string,
  existing: string,
  options: PutOptions,
): Promise<void> {
  const partial = partialPath(local);
  await removeIfThere(files, partial);
  await files.link(existing, partial);
  await appear(files, partial, local, options);
}

/** Owner (if asked), permission bits and time of a member. */
export function attributesOf(member: Member, options: { readonly owners: boolean }): Attributes {
  const { uid, gid, mode, mtimeNs } = member;
  return { mode, mtimeNs, ...(options.owners ? { owner: { uid, gid } } : {}) };
}

async function appear(files: FileOperations, partial: string, local: string, options: PutOptions): Promise<void> {
  await ((await replaces(files, local, options)) ? publishOver : publishNew)(files, partial, local);
}

/** True if something is to be replaced; throws `exists` if that is a directory. */
async function replaces(files: FileOperations, local: string, { overwrite }: PutOptions): Promise<boolean> {
  const there = overwrite ? await files.lstat(local) : undefined;
  if (there?.isDirectory()) throw inTheWay(local, there);
  return there !== undefined;
}

/** The content of a small member, proven. */
async function gathered(member: Member, content: AsyncIterable<Uint8Array>, { onBytes }: PutOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) {
    // What the source hands out may be its buffer, which it fills again.
    chunks.push(Buffer.from(chunk));
    onBytes?.(chunk.length);
  }
  const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  checkContent(member, whole.length, hash('sha256', whole, 'hex'));
  return whole;
}

function checkContent(member: Member, bytes: number, sha256: string): void {
  if (bytes === member.bytes && (member.sha256 === undefined || member.sha256 === sha256)) return;
  throw new StowageError(
    'corrupt',
    `what the archive holds for '${displayName(member.path)}' is not what was archived`,
    {
      hint: 'stowage verify CONFIG SECTION --level read says what else is damaged',
      facts: { path: member.path, bytes, sha256, recordedBytes: member.bytes, recordedSha256: member.sha256 },
    },
  );
}

function inTheWay(local: string, stats: BigIntStats): StowageError {
  const what = stats.isDirectory() ? 'a directory' : 'something';
  return new StowageError('exists', `there is ${what} at '${displayName(local)}'`, {
    hint: 'move it aside, or restore to another place with --to DIR',
  });
}

async function removeIfThere(files: FileOperations, path: string): Promise<void> {
  await files.unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}
