import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { stageInto } from '../staging/stage-into.ts';
import { localSession } from './local-session.ts';
import type { IgnoreFailureMode, Peer, PeerSession, Readiness, SessionOptions, StagePeerOptions } from './peer.ts';
import { requireAbsolute, requirePeerName } from './peer-name.ts';

export interface LocalPeerOptions {
  readonly name: string;
  /** An absolute path. */
  readonly collectDir: string;
  readonly ignoreFailureMode?: IgnoreFailureMode;
  readonly files?: FileOperations;
}

/** A peer that is a directory of this machine. */
export class LocalPeer implements Peer {
  readonly name: string;
  readonly collectDir: string;
  readonly ignoreFailureMode: IgnoreFailureMode | undefined;
  private readonly files: FileOperations;

  /** Throws `configuration` for a name that is not one plain name, or a path that is not absolute. */
  constructor(options: LocalPeerOptions) {
    requirePeerName(options.name);
    requireAbsolute(options.collectDir);
    this.name = options.name;
    this.collectDir = options.collectDir;
    this.ignoreFailureMode = options.ignoreFailureMode;
    this.files = options.files ?? realFiles;
  }

  async stagePeer(targetDir: string, options: StagePeerOptions = {}): Promise<number> {
    return stageInto(this.files, await this.open(), targetDir, options);
  }

  async checkCollectIndicator(collectIndicator?: string): Promise<boolean> {
    return (await this.readiness(collectIndicator)).state === 'ready';
  }

  async readiness(collectIndicator?: string): Promise<Readiness> {
    return (await this.open()).readiness(collectIndicator);
  }

  async writeStageIndicator(stageIndicator?: string, options?: StagePeerOptions): Promise<void> {
    await (await this.open()).writeStageIndicator(stageIndicator, options);
  }

  async open({ signal }: SessionOptions = {}): Promise<PeerSession> {
    return localSession(this.files, this.name, this.collectDir, signal);
  }
}
