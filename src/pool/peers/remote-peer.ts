import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { shellWord } from '../../model/shell-word.ts';
import { accountOf, userIdOf } from '../../programs/account.ts';
import type { Account } from '../../programs/as-account.ts';
import { runProgram } from '../../programs/run-program.ts';
import { stageInto } from '../staging/stage-into.ts';
import { copySession } from './copy-session.ts';
import type { IgnoreFailureMode, Peer, PeerSession, Readiness, SessionOptions, StagePeerOptions } from './peer.ts';
import { requireAbsolute, requirePeerName, requireRemoteUser } from './peer-name.ts';
import { quickCiphers } from './quick-ciphers.ts';
import { remoteSession } from './remote-session.ts';
import { isNoShell, openShell, shellCommand } from './remote-shell.ts';
import { remoteShellCommand, scpOptions, type Words, wordsOf } from './ssh-command.ts';
import { withSu } from './su-command.ts';

/** What peers are reached by where nothing else is said. */
export const defaultRcpCommand: Words = ['/usr/bin/scp', '-B', '-q', '-C'];
export const defaultRshCommand: Words = ['/usr/bin/ssh'];
export const defaultCbackCommand = '/usr/bin/cback3';
export const suCommand: Words = ['su'];

export interface RemotePeerOptions {
  /** The name of the host. */
  readonly name: string;
  /** An absolute path there. */
  readonly collectDir: string;
  /** An absolute path here, for what passes through. */
  readonly workingDir: string;
  /** The user there; who we are if not given. */
  readonly remoteUser?: string;
  /** As whom we connect: only the superuser can be somebody else. */
  readonly localUser?: string;
  /** A command as the configuration has it: words, with double quotes alone. */
  readonly rcpCommand?: string;
  readonly rshCommand?: string;
  /** The same on the peer. */
  readonly cbackCommand?: string;
  readonly ignoreFailureMode?: IgnoreFailureMode;
  /** In the place of `su`, which is not needed otherwise. */
  readonly suCommand?: string;
  readonly connectTimeoutSeconds?: number;
  readonly files?: FileOperations;
}

const defaultSilenceMs = 300_000;

/** A peer that is another machine, reached by the system's OpenSSH; one session for all that a staging needs. */
export class RemotePeer implements Peer {
  readonly name: string;
  readonly collectDir: string;
  readonly workingDir: string;
  readonly remoteUser: string | undefined;
  readonly localUser: string | undefined;
  readonly rcpCommand: Words;
  readonly rshCommand: Words;
  readonly cbackCommand: Words;
  readonly ignoreFailureMode: IgnoreFailureMode | undefined;
  private readonly su: string | undefined;
  private readonly connectTimeoutSeconds: number;
  private readonly files: FileOperations;

  /** Throws `configuration` for a name that is not one plain name, a path that is not absolute, or a command that is none. */
  constructor(options: RemotePeerOptions) {
    requirePeerName(options.name);
    if (options.remoteUser !== undefined) requireRemoteUser(options.remoteUser);
    for (const path of [options.collectDir, options.workingDir]) requireAbsolute(path);
    this.name = options.name;
    this.collectDir = options.collectDir;
    this.workingDir = options.workingDir;
    this.remoteUser = options.remoteUser;
    this.localUser = options.localUser;
    this.rcpCommand = options.rcpCommand === undefined ? defaultRcpCommand : wordsOf(options.rcpCommand);
    this.rshCommand = options.rshCommand === undefined ? defaultRshCommand : wordsOf(options.rshCommand);
    this.cbackCommand = wordsOf(options.cbackCommand ?? defaultCbackCommand);
    this.ignoreFailureMode = options.ignoreFailureMode;
    this.su = options.suCommand;
    this.connectTimeoutSeconds = options.connectTimeoutSeconds ?? 30;
    this.files = options.files ?? realFiles;
  }

  async stagePeer(targetDir: string, options: StagePeerOptions = {}): Promise<number> {
    return this.during((session) => stageInto(this.files, session, targetDir, options));
  }

  async checkCollectIndicator(collectIndicator?: string): Promise<boolean> {
    return (await this.readiness(collectIndicator)).state === 'ready';
  }

  async readiness(collectIndicator?: string): Promise<Readiness> {
    try {
      return await this.during((session) => session.readiness(collectIndicator));
    } catch (error) {
      if (!isStowageError(error, 'unavailable', 'program', 'refused')) throw error;
      return { state: 'unreachable', reason: error.message, error };
    }
  }

  async writeStageIndicator(stageIndicator?: string): Promise<void> {
    await this.during((session) => session.writeStageIndicator(stageIndicator));
  }

  /** The session, by a shell; where the peer gives none, or the configured copy command is not scp, by that command. */
  async open({ signal, silenceMs = defaultSilenceMs }: SessionOptions = {}): Promise<PeerSession> {
    const { name, collectDir, rcpCommand } = this;
    const run = await this.runner();
    const more = signal === undefined ? {} : { signal };
    const copying = () =>
      copySession({
        peer: name,
        collectDir,
        workingDir: this.workingDir,
        files: this.files,
        silenceMs,
        rcpCommand,
        ...more,
        ...run,
        target: this.target(),
      });
    if (scpOptions(rcpCommand) === undefined) return copying();
    try {
      const as = run.as === undefined ? {} : { as: run.as };
      const ciphers = run.bySu ? [] : await quickCiphers(this.target(), shellCommand, { ...more, ...as });
      const argv = remoteShellCommand(this.target(), shellCommand, ciphers);
      const shell = await openShell(run.argv(argv), { peer: name, silenceMs, ...more, ...as });
      return await remoteSession(name, collectDir, shell, silenceMs).catch(async (error: unknown) => {
        await shell.close();
        throw error;
      });
    } catch (error) {
      if (!isNoShell(error)) throw error;
      return copying();
    }
  }

  /** Runs a command of the peer's own shell there, and gives what it said. Throws `program` if it fails. Whoever writes the text answers for it. */
  async executeRemoteCommand(command: string, { signal }: SessionOptions = {}): Promise<string> {
    const run = await this.runner();
    const [program, ...args] = run.argv(remoteShellCommand(this.target(), command));
    const { stdout } = await runProgram(program!, args, {
      cwd: '/',
      ...(run.as === undefined ? {} : { as: run.as }),
      ...(signal === undefined ? {} : { signal }),
    });
    return stdout.toString('utf8');
  }

  /** Has the peer do an action of its own. Throws `program` if it fails. */
  async executeManagedAction(action: string, fullBackup: boolean, options: SessionOptions = {}): Promise<string> {
    if (!/^[a-z0-9]+$/.test(action)) {
      throw new StowageError('configuration', `'${displayName(action)}' is not the name of an action`);
    }
    const words = [...this.cbackCommand, ...(fullBackup ? ['--full'] : []), action];
    return this.executeRemoteCommand(words.map(shellWord).join(' '), options);
  }

  private async during<T>(deed: (session: PeerSession) => Promise<T>): Promise<T> {
    const session = await this.open();
    try {
      return await deed(session);
    } finally {
      await session.close();
    }
  }

  private target() {
    const { name: host, remoteUser: user, rshCommand, rcpCommand, connectTimeoutSeconds } = this;
    return { host, user, rshCommand, rcpCommand, connectTimeoutSeconds };
  }

  /** As whom programs run here, and by what. */
  private async runner(): Promise<Runner> {
    const plain = { argv: (words: Words) => words, bySu: false };
    if (this.localUser === undefined) return plain;
    // Who is asked for which groups somebody has is a program of its own, which takes a while.
    if ((await userIdOf(this.localUser)) === process.geteuid?.()) return plain;
    const account = await accountOf(this.localUser);
    if (process.geteuid?.() !== 0) {
      throw new StowageError('refused', `only root can reach peer '${this.name}' as '${displayName(this.localUser)}'`);
    }
    const { su, localUser } = this;
    if (su === undefined) return { ...plain, as: account };
    return { argv: (words) => withSu(wordsOf(su), localUser, words), bySu: true };
  }
}

interface Runner {
  readonly as?: Account;
  readonly argv: (words: Words) => Words;
  /** Through a program of the configuration, which may ask for something each time. */
  readonly bySu: boolean;
}
