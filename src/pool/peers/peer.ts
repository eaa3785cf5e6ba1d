import type { StowageError } from '../../errors.ts';
import type { EntryType } from '../../model/entry.ts';
import { indicators } from '../indicators.ts';

/** When a peer that is not ready is no failure: Cedar Backup's words. `weekly` is a full backup or the first day of the week, `daily` any other. */
export type IgnoreFailureMode = 'none' | 'all' | 'daily' | 'weekly';

/** The file by which a peer says that it has collected, and the one by which it is told that it was staged. */
export const defaultCollectIndicator = 'cback.collect';
export const defaultStageIndicator = 'cback.stage';

/** True for what the master itself leaves in a collect directory, and does not stage. */
export function isMastersOwn(path: string): boolean {
  return path === defaultStageIndicator || path === indicators.stored;
}

/** Why a peer that is as it should be is not ready. */
export const notCollected = 'it has not collected yet';

/** Owner and group as numbers. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
}

export interface StagePeerOptions {
  /** Whose the staged files are; only the superuser can say. */
  readonly ownership?: Ownership;
  /** The permission bits of the staged files; those that they have on the peer if not given, without the set-user-id ones. */
  readonly permissions?: number;
}

/** Whether a peer can be staged. */
export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'not-ready'; readonly reason: string }
  | { readonly state: 'unreachable'; readonly reason: string; readonly error: StowageError };

/** A machine, or a directory of this one, whose collected files are staged. */
export interface Peer {
  readonly name: string;
  readonly collectDir: string;
  readonly ignoreFailureMode: IgnoreFailureMode | undefined;
  /** Stages into a directory that exists, and gives the number of files. Each appears whole and durable, and only when all of them have come. */
  stagePeer(targetDir: string, options?: StagePeerOptions): Promise<number>;
  /** True if the indicator is there; false also where nobody could look. */
  checkCollectIndicator(collectIndicator?: string): Promise<boolean>;
  /** The same, with the reason. */
  readiness(collectIndicator?: string): Promise<Readiness>;
  /** Writes the indicator into the collect directory; what is there is renewed, a link is replaced. */
  writeStageIndicator(stageIndicator?: string, options?: StagePeerOptions): Promise<void>;
  /** Everything about one staging in one session. Throws `unavailable`. */
  open(options?: SessionOptions): Promise<PeerSession>;
}

export interface SessionOptions {
  readonly signal?: AbortSignal;
  /** How long the peer may say nothing when it should. */
  readonly silenceMs?: number;
}

/** What lies in a collect directory, as the peer says. Where it cannot say more than the type, the rest is absent. */
export interface PeerEntry {
  readonly path: string;
  readonly type: EntryType;
  readonly bytes?: number;
  readonly mtimeNs?: bigint;
  readonly mode?: number;
  readonly target?: string;
}

/** An entry as it comes, with its content. */
export interface IncomingEntry {
  readonly path: string;
  readonly type: 'file' | 'link' | 'directory';
  readonly bytes: number;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly target?: string;
  /** For a further name of a file that came before it. */
  readonly hardLink?: string;
  /** The content of a file, to be read once, before the next entry. */
  readonly content: AsyncGenerator<Uint8Array>;
  /** The same at once, where it is small and has come already. */
  whole(): Uint8Array | undefined;
}

/** A peer whose files lie on this machine, below a folder. */
export interface CopySource {
  readonly peer: string;
  readonly root: string;
}

/** Fetches files itself from where they lie on this machine, many small ones at a time, or a large one while others are sent: quicker than that each is sent. */
export interface Copier {
  /** Takes some that may be small. Resolves when the next may come: at once if the caller `hasOther` work to do meanwhile. Throws what earlier ones failed with. */
  copy(source: CopySource, paths: readonly string[], hasOther: boolean): Promise<void>;
  /** Those that have turned out not to be small since this was asked last: they must be sent. */
  left(): readonly string[];
  /** Takes a large file of so many bytes, which has come when `rest` has resolved; false if it is to be sent. Once the signal is given up it comes no more. */
  copyLarge(source: CopySource, path: string, bytes: number, signal: AbortSignal | undefined): Promise<boolean>;
  /** Resolved = all of them have come, but for what is `left`. */
  rest(): Promise<void>;
}

/** A peer while it is staged. Whatever is done, the connection is the same. */
export interface PeerSession {
  readiness(collectIndicator?: string): Promise<Readiness>;
  /** All below the collect directory, without `cback.stage`. Throws `unavailable` if a part of it cannot be looked at. */
  list(): Promise<ReadonlyMap<string, PeerEntry>>;
  /** Sends these entries, or all of them, one after the other; many small files that lie on this machine are left to the copier, if there is one. What is not sent, or more than was asked for, is the caller's to see. */
  fetch(
    wanted: readonly string[] | undefined,
    take: (entry: IncomingEntry) => Promise<void>,
    copier?: Copier,
  ): Promise<void>;
  /** The SHA-256 of every file, computed by the peer; undefined if it has nothing to compute it with. `bytes` says about how much there is to read. */
  digests(bytes: number): Promise<ReadonlyMap<string, string> | undefined>;
  writeStageIndicator(stageIndicator?: string, options?: StagePeerOptions): Promise<void>;
  /** Leaves a receipt for what was stored, of these lines; what has its name is replaced. It may be seen half written: its last line says that it is whole. */
  writeReceipt(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
