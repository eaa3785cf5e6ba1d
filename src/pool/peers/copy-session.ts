import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { removeTree } from '../../durable/remove-tree.ts';
import { scratchFolder } from '../../durable/scratch-folder.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName, nameToBytes } from '../../model/byte-name.ts';
import { baseOf } from '../../model/relative-path.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { Account } from '../../programs/as-account.ts';
import { runProgram } from '../../programs/run-program.ts';
import { indicators } from '../indicators.ts';
import { localSession } from './local-session.ts';
import {
  defaultCollectIndicator,
  defaultStageIndicator,
  notCollected,
  type PeerEntry,
  type PeerSession,
} from './peer.ts';
import { placeOf, type SshTarget, safeOptions, type Words } from './ssh-command.ts';

export interface CopyOptions {
  readonly peer: string;
  readonly collectDir: string;
  readonly workingDir: string;
  readonly files: FileOperations;
  readonly silenceMs: number;
  readonly rcpCommand: Words;
  readonly target: SshTarget;
  readonly as?: Account;
  readonly argv: (words: Words) => Words;
  readonly signal?: AbortSignal;
}

/**
 * A peer over the configured copy command: for one that gives no shell, and for a command that is not scp. Files pass through a folder of the working
 * directory. The peer cannot be asked what it has, so that what came is all that can be known; scp follows links.
 */
export async function copySession(options: CopyOptions): Promise<PeerSession> {
  const { peer, collectDir, workingDir, files, rcpCommand, target, as, argv, signal } = options;
  const place = placeOf(target);
  const isScp = baseOf(rcpCommand[0]!) === 'scp';
  const [program, ...given] = rcpCommand;
  const safe = isScp ? safeOptions(target) : [];
  const scratch = await scratchFolder(files, workingDir, 'stage-');
  if (as !== undefined) await files.setAttributes(scratch.path, { owner: { uid: as.uid, gid: as.gid } });
  let copied: PeerSession | undefined;

  const copy = async (more: Words, from: string, to: string): Promise<void> => {
    const [first, ...rest] = argv([program!, ...safe, ...given, ...more, '--', from, to]);
    await runProgram(first!, rest, {
      cwd: '/',
      ...(as === undefined ? {} : { as }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const remote = (path: string) => `${place}:${remotePath(path, isScp, given)}`;
  /** Everything, once. */
  const all = async (): Promise<PeerSession> => {
    if (copied !== undefined) return copied;
    const folder = `${scratch.path}/files`;
    if (isScp) await copy(['-r', '-p'], remote(collectDir), folder);
    else {
      await makeFolder(files, folder);
      if (as !== undefined) await files.setAttributes(folder, { owner: { uid: as.uid, gid: as.gid } });
      await copy([], `${remote(collectDir)}/*`, folder);
    }
    copied = localSession(files, peer, folder, signal);
    return copied;
  };
  return {
    async readiness(indicator = defaultCollectIndicator) {
      try {
        await copy([], remote(`${collectDir}/${indicator}`), `${scratch.path}/${indicator}`);
        return { state: 'ready' };
      } catch (error) {
        if (!isStowageError(error, 'program')) throw error;
        const said = `${error.facts.stderr ?? ''}`;
        if (/no such file/i.test(said)) return { state: 'not-ready', reason: notCollected };
        return { state: 'unreachable', reason: error.message, error };
      }
    },
    list: async (): Promise<ReadonlyMap<string, PeerEntry>> => (await all()).list(),
    fetch: async (wanted, take, copier) => (await all()).fetch(wanted, take, copier),
    async digests() {
      return undefined;
    },
    async writeStageIndicator(indicator = defaultStageIndicator) {
      const local = `${scratch.path}/${indicator}`;
      await writeWhole(files, local, '', { replace: true });
      await files.setAttributes(local, { mode: 0o644 });
      await copy([], local, remote(`${collectDir}/${indicator}`));
    },
    async writeReceipt(lines) {
      const local = `${scratch.path}/${indicators.stored}`;
      await writeWhole(files, local, nameToBytes(`${lines.join('\n')}\n`), { replace: true });
      await files.setAttributes(local, { mode: 0o644 });
      await copy([], local, remote(`${collectDir}/${indicators.stored}`));
    },
    async close() {
      await removeTree(files, scratch.path);
    },
  };
}

/**
 * A path on the peer as a copy command takes it. Scp over SFTP expands it as a pattern, in its old way (`-O`) a shell on the peer reads it; of any
 * other command nobody knows, so nothing that could be read otherwise is passed to it. Throws `refused`.
 */
export function remotePath(path: string, isScp: boolean, given: Words): string {
  if (/^[A-Za-z0-9_/.:=@%+,-]+$/.test(path)) return path;
  if (isScp && given.some((word) => /^-[A-Za-z]*O/.test(word))) return shellWord(path);
  if (isScp) return path.replace(/[\\*?[\]{}~]/g, '\\$&');
  throw new StowageError(
    'refused',
    `'${displayName(path)}' cannot be passed to the copy command of the configuration`,
    {
      hint: 'use scp as rcp_command',
    },
  );
}
