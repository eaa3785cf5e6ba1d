import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import type { Attributes, FileOperations } from '../../durable/file-operations.ts';
import { publishNew, publishOver } from '../../durable/publish-file.ts';
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

/** Writes a file whole: to a partial name, checked against size and digest, made durable with its mode and time, then under its name. */
export async function putFile(
  files: FileOperations,
  local: string,
  member: Member,
  content: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<void> {
  const partial = partialPath(local);
  await removeIfThere(files, partial);
  try {
    const file = await files.open(partial, 'wx', 0o600);
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
      await files.setAttributes(partial, attributesOf(member, options));
      await file.sync();
    } finally {
      await file.close();
    }
    await appear(files, partial, local, options);
  } catch (error) {
    await removeIfThere(files, partial).catch(() => undefined);
    throw error;
  }
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
  const there = options.overwrite ? await files.lstat(local) : undefined;
  if (there?.isDirectory()) throw inTheWay(local, there);
  if (there === undefined) await publishNew(files, partial, local);
  else await publishOver(files, partial, local);
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
