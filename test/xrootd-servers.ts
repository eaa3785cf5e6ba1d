import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Authority, newAuthority, serverCertificate } from '../src/sandbox/jalien/trust/authority.ts';
import { until } from './waiting.ts';

/** True if this machine has Debian's server and clients of XRootD. */
export const hasXrootd = ['xrootd', 'xrdcp', 'xrdfs'].every((name) => existsSync(`/usr/bin/${name}`));

export interface XrootdServerOptions {
  /** More lines for its configuration. */
  readonly config?: readonly string[];
  /** With encryption for who wants it, by a certificate for `localhost` and 127.0.0.1, or one that is not good. */
  readonly tls?: 'good' | 'expired' | 'wrong name' | 'wrong ca';
  /** `manager` sends to others. */
  readonly role?: 'server' | 'manager';
  /** The same port again, after a stop. */
  readonly port?: number;
  readonly folder?: string;
  /** It has no space for a new file; what it has can be read. */
  readonly full?: boolean;
  /** Who vouches for its certificate; one of its own if nothing is said. */
  readonly authority?: Authority;
}

/** A real XRootD server of a test. */
export interface XrootdServer {
  readonly port: number;
  /** What it serves as `/`. */
  readonly data: string;
  readonly folder: string;
  /** `root://127.0.0.1:PORT//`, to be followed by a path without its slash. */
  readonly url: string;
  /** The authority of its certificate. */
  readonly authority: string;
  log(): string;
  /** Writes a file that it serves, as its own, whatever is above it made, and answers where it lies on this machine. */
  put(path: string, bytes: Uint8Array): string;
  /** Stops it, at once, and removes what it held unless that is to be kept. */
  stop(keep?: 'keep'): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The user and group that the server runs as: it refuses to be root. */
function ownerOfServers(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'xrootd'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Starts one on a free port of its own choice. */
export async function startXrootd(options: XrootdServerOptions = {}): Promise<XrootdServer> {
  const owner = ownerOfServers();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'stowage-xrootd-'));
  const own = (path: string, mode: number): string => {
    chmodSync(path, mode);
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
    return path;
  };
  const write = (name: string, text: string, mode = 0o644) => {
    rmSync(join(folder, name), { force: true });
    writeFileSync(join(folder, name), text);
    return own(join(folder, name), mode);
  };
  own(folder, 0o755);
  for (const name of ['data', 'admin', 'space'])
    own(mkdirSync(join(folder, name), { recursive: true }) ?? join(folder, name), 0o755);
  const authority = options.authority ?? newAuthority();
  const { tls, role = 'server', config = [] } = options;
  const lines = [
    `all.role ${role}`,
    'all.export /',
    `oss.localroot ${folder}/data`,
    `all.adminpath ${folder}/admin`,
    `all.pidpath ${folder}/admin`,
    `xrd.port ${options.port ?? 'any'}`,
    'xrd.network nodnr',
    'xrootd.chksum max 2 md5 adler32 crc32',
    'ofs.persist auto',
    ...config,
  ];
  // No disk has as much free as this wants to be left.
  if (options.full === true) lines.push(`oss.space public ${folder}/space`, 'oss.alloc 100000000g');
  if (tls !== undefined) {
    const { cert, key } = serverCertificate(authority, tls === 'good' ? 'host' : tls, 'jalien');
    lines.push(
      `xrd.tls ${write('host.pem', cert)} ${write('host.key', key, 0o400)}`,
      `xrd.tlsca certfile ${write('ca.pem', authority.certificate)}`,
    );
    if (!config.some((line) => line.startsWith('xrootd.tls'))) lines.push('xrootd.tls capable all');
  }
  const configuration = write('server.cfg', `${lines.join('\n')}\n`);
  const output = openSync(join(folder, 'log'), 'w');
  const args = [...(owner === undefined ? [] : ['-R', 'xrootd']), '-c', configuration];
  const child = spawn('xrootd', args, { cwd: folder, stdio: ['ignore', output, output] });
  closeSync(output);
  running.add(child);
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  const started = () => /------ xrootd \S+?:(\d+) initialization (completed|failed)/.exec(log());
  await until('the XRootD server has started', () => started() !== null || child.exitCode !== null);
  const [, port, outcome] = started() ?? [];
  if (outcome !== 'completed') throw new Error(`the XRootD server did not start:\n${log()}`);
  return {
    port: Number(port),
    data: join(folder, 'data'),
    folder,
    url: `${tls === undefined ? 'root' : 'roots'}://127.0.0.1:${port}//`,
    authority: authority.certificate,
    log,
    put(path, bytes) {
      const place = join(folder, 'data', path);
      const first = mkdirSync(dirname(place), { recursive: true });
      for (let at = dirname(place); first !== undefined && at.length >= first.length; at = dirname(at)) own(at, 0o755);
      writeFileSync(place, bytes);
      return own(place, 0o644);
    },
    async stop(keep) {
      await killed(child);
      if (keep === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
