import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createAfresh } from '../../durable/create-afresh.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath, parentOf } from '../../model/relative-path.ts';
import type { Copier, IncomingEntry, StagePeerOptions } from '../peers/peer.ts';
import { largeFiles } from './large-files.ts';
import { settler } from './settler.ts';
import { largestSmall, smallFiles } from './small-files.ts';
import type { Copied } from './small-task.ts';
import { stagedFile, unlinkIfThere } from './staged-file.ts';
import { stagedMember } from './staged-member.ts';

/** Where entries are written under their names before they are let into the day: a folder of its own, so that no name needs a temporary form. */
export interface WorkFolder {
  readonly path: string;
  /** Writes an entry; one of the name that is there is replaced. Gives it as it was written. */
  take(entry: IncomingEntry): Promise<Member>;
  /** The same, but that it may not be written yet when the next may come. `note` gets it as it was written. */
  takeSoon(entry: IncomingEntry, note: (member: Member) => void): Promise<void>;
  /** Copies files itself; undefined where that is not quicker. */
  copier(note: (member: Member) => void): Copier | undefined;
  /** Resolved = all that was taken is written. */
  all(): Promise<void>;
  /** Removes an entry that is not wanted after all. */
  drop(path: string): Promise<void>;
  /** Resolved = all that was written is durable. */
  settle(): Promise<void>;
  /** Lets go of what was not settled. Never throws. */
  close(): Promise<void>;
}

/** A work folder, made if it is not there; what a killed run left in it stays. */
export async function workFolder(files: FileOperations, path: string, options: StagePeerOptions): Promise<WorkFolder> {
  await makeFolder(files, path);
  // Ours alone; and without a set-group-id bit, so that what is made in it is of our group.
  await files.setAttributes(path, { mode: 0o700 });
  const settling = settler(path);
  // A second thread where there is a second processor, and where nobody is to see each step.
  const isQuick = files.createSmall !== undefined && files.createSmall === realFiles.createSmall;
  const small = isQuick && availableParallelism() > 1 ? smallFiles(path, options) : undefined;
  const large = largeFiles();
  const written = new Map<string, { readonly sha256: string; readonly bytes: number }>();
  const folders = new Set<string>();
  const local = (name: string) => joinPath(path, name);
  const owner = options.ownership === undefined ? {} : { owner: options.ownership };

  const enter = async (folder: string): Promise<void> => {
    if (folder === '' || folders.has(folder)) return;
    await enter(parentOf(folder));
    if (small?.holds(folder)) await small.all();
    const found = await files.lstat(local(folder));
    if (found !== undefined && !found.isDirectory()) await files.unlink(local(folder));
    if (found?.isDirectory() !== true) await files.mkdir(local(folder), 0o700);
    folders.add(folder);
  };
  const free = (name: string) => unlinkIfThere(files, local(name));
  const writeFile = async (entry: IncomingEntry, isLeft: boolean, whole = entry.whole()): Promise<Member> => {
    if (isLeft && whole !== undefined && files.createSmall !== undefined) {
      const sha256 = hash('sha256', whole, 'hex');
      const member = stagedMember(entry, options, sha256);
      const attributes = { ...owner, mode: member.mode, mtimeNs: member.mtimeNs };
      createAfresh(files.createSmall, local(entry.path), whole, attributes);
      written.set(entry.path, { sha256, bytes: entry.bytes });
      return member;
    }
    const { file, member } = await stagedFile(files, path, entry, options, whole);
    written.set(entry.path, { sha256: member.sha256!, bytes: entry.bytes });
    if (isLeft) await file.close();
    else await settling.take(file, entry.bytes);
    return member;
  };
  const write = async (entry: IncomingEntry): Promise<Member> => {
    await enter(entry.type === 'directory' ? entry.path : parentOf(entry.path));
    if (entry.type === 'directory') return stagedMember(entry, options);
    if (entry.type === 'link') {
      await free(entry.path);
      await files.symlink(entry.target ?? '', local(entry.path));
      await files.setAttributes(local(entry.path), { ...owner, mtimeNs: entry.mtimeNs });
      return stagedMember(entry, options);
    }
    if (entry.hardLink === undefined) return writeFile(entry, settling.leaves(entry.bytes));
    const other = written.get(entry.hardLink);
    if (other === undefined) throw unknownOther(entry);
    await free(entry.path);
    await files.link(local(entry.hardLink), local(entry.path));
    written.set(entry.path, other);
    return stagedMember({ ...entry, bytes: other.bytes }, options, other.sha256);
  };
  const take = async (entry: IncomingEntry): Promise<Member> => {
    try {
      // What it replaces, or is another name of, must be there.
      if (small !== undefined && (entry.hardLink !== undefined || small.holds(entry.path))) await small.all();
      return await write(entry);
    } catch (error) {
      throw fileError(`cannot stage '${displayName(entry.path)}'`, error);
    }
  };
  return {
    path,
    take,
    async takeSoon(entry, note) {
      const isSmall = entry.type === 'file' && entry.hardLink === undefined && entry.bytes <= largestSmall;
      if (small === undefined || !isSmall || small.holds(entry.path)) {
        note(await take(entry));
        return;
      }
      try {
        await enter(parentOf(entry.path));
        const isLeft = settling.leaves(entry.bytes);
        const content = entry.whole();
        if (!isLeft || content === undefined || content.length > largestSmall) {
          note(await writeFile(entry, isLeft, content));
          return;
        }
        const member = stagedMember(entry, options);
        await small.write({ path: entry.path, content, mode: member.mode, mtimeNs: member.mtimeNs }, (sha256) => {
          written.set(entry.path, { sha256, bytes: entry.bytes });
          note({ ...member, sha256 });
        });
      } catch (error) {
        throw fileError(`cannot stage '${displayName(entry.path)}'`, error);
      }
    },
    copier(note) {
      if (small === undefined || !settling.leavesMany(0)) return undefined;
      const left: string[] = [];
      return {
        async copy(source, paths, hasOther) {
          for (const one of new Set(paths.map(parentOf))) await enter(one);
          await small.copy(source, paths, hasOther, (copied) => {
            for (const [at, one] of paths.entries()) {
              const member = copiedMember(one, copied, at, options);
              if (member === undefined) left.push(one);
              else note(member);
            }
            settling.leavesMany(copied.digests.filter((sha256) => sha256 !== '').length);
          });
        },
        left: () => left.splice(0),
        async copyLarge(source, one, bytes, signal) {
          if (!large.takes(bytes)) return false;
          await enter(parentOf(one));
          large.copy({ ...source, folder: path, path: one, options }, signal, note);
          return true;
        },
        async rest() {
          await small.all();
          await large.all();
        },
      };
    },
    async all() {
      await small?.all();
      await large.all();
    },
    drop: free,
    async close() {
      await large.close();
      await small?.close();
      await settling.close();
    },
    async settle() {
      await small?.all();
      try {
        await settling.end();
        for (const folder of ['', ...folders]) await files.syncFolder(local(folder));
      } catch (error) {
        throw fileError(`cannot make what is in '${displayName(path)}' durable`, error);
      }
    },
  };
}

function unknownOther({ path, hardLink }: IncomingEntry): StowageError {
  return new StowageError(
    'corrupt',
    `'${displayName(path)}' is another name of '${displayName(hardLink ?? '')}', which did not come`,
  );
}

/** Undefined for one that was left. */
function copiedMember(
  path: string,
  { digests, bytes, modes, mtimesNs }: Copied,
  at: number,
  options: StagePeerOptions,
): Member | undefined {
  const sha256 = digests[at]!;
  if (sha256 === '') return undefined;
  return stagedMember(
    { path, type: 'file', bytes: bytes[at]!, mtimeNs: mtimesNs[at]!, mode: modes[at]! },
    options,
    sha256,
  );
}
