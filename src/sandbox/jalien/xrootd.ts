import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { accountOf } from '../../programs/account.ts';
import type { Account } from '../../programs/as-account.ts';
import { findProgram } from '../../programs/find-program.ts';
import { runProgram } from '../../programs/run-program.ts';

/** A real XRootD server that runs. */
export interface XrootdServer {
  /** `root://127.0.0.1:PORT/` */
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

const readyMs = 20_000;
const endMs = 5000;
const tries = 3;

/** True if Debian's `xrootd-server`, or another build of it, is on PATH. */
export function hasXrootd(): boolean {
  return findProgram('xrootd') !== undefined;
}

/** In whose name a server runs that we start: it refuses to be the superuser. Undefined for ours. */
export async function xrootdAccount(): Promise<Account | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  try {
    return await accountOf('xrootd');
  } catch (error) {
    if (!isStowageError(error, 'missing')) throw error;
    return accountOf('nobody');
  }
}

/**
 * Serves `folder/data` to this machine alone, without asking who one is: what is appended to an address as `authz=` is ignored. It is asked for no longer
 * than the server takes to listen. Throws `unavailable` if it does not, with what it said.
 */
export async function startXrootd(name: string, folder: string): Promise<XrootdServer> {
  const account = await xrootdAccount();
  for (const one of [folder, join(folder, 'data'), join(folder, 'admin')]) {
    mkdirSync(one, { recursive: true });
    chmodSync(one, 0o755);
    if (account !== undefined) chownSync(one, account.uid, account.gid);
  }
  await endLeftBehind(name, folder);
  for (let left = tries; ; left -= 1) {
    const port = await freePort();
    const server = await tryPort(name, folder, port, account);
    if ('stop' in server) return server;
    // Somebody else may have taken the port meanwhile.
    if (left > 1 && /already in use/.test(server.said)) continue;
    throw new StowageError('unavailable', `the storage element '${name}' does not start: ${server.said}`, {
      hint:
        account === undefined
          ? `look into '${join(folder, 'xrootd.log')}'`
          : `it runs as ${account.name}, who must be able to enter '${folder}': chmod a+x what lies above it`,
    });
  }
}

/** A server of this folder that a killed process of ours left running. It is ended only if it runs by our configuration. */
async function endLeftBehind(name: string, folder: string): Promise<void> {
  const pid = Number(textOf(join(folder, 'admin', name, 'xrootd.pid')));
  const isOurs = (): boolean => textOf(`/proc/${pid}/cmdline`).split('\0').includes(configFile(folder));
  if (!Number.isInteger(pid) || pid <= 1 || !isOurs()) return;
  process.kill(pid, 'SIGTERM');
  for (const end = performance.now() + endMs; isOurs() && performance.now() < end; ) await setTimeout(20);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function configFile(folder: string): string {
  return join(folder, 'xrootd.cfg');
}

async function tryPort(
  name: string,
  folder: string,
  port: number,
  account: Account | undefined,
): Promise<XrootdServer | { readonly said: string }> {
  const config = configFile(folder);
  writeFileSync(config, configuration(folder, port));
  const stopping = new AbortController();
  let over: string | undefined;
  const as = account === undefined ? {} : { as: account };
  const running = runProgram('xrootd', ['-n', name, '-c', config], {
    ...as,
    cwd: folder,
    signal: stopping.signal,
  }).then(
    ({ stderr }) => stderr.toString('utf8'),
    (error: unknown) => plainReason(error),
  );
  void running.then((said) => {
    over = said;
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  for (const end = performance.now() + readyMs; over === undefined; await setTimeout(20)) {
    if (await listens(port)) return { endpoint: `root://127.0.0.1:${port}/`, port, stop };
    if (performance.now() > end) {
      await stop();
      return { said: `it did not listen within ${readyMs / 1000} s` };
    }
  }
  return { said: over.trim().split('\n').slice(-3).join('; ') };
}

function configuration(folder: string, port: number): string {
  return `all.role server
all.export /
oss.localroot ${join(folder, 'data')}
all.adminpath ${join(folder, 'admin')}
all.pidpath ${join(folder, 'admin')}
xrd.port ${port}
# There is no way to say on which address it listens: who is not on this machine is sent away.
xrd.allow host 127.0.0.1
xrd.allow host localhost
xrd.network nodnr
xrootd.chksum max 2 md5 adler32 crc32
ofs.persist auto
`;
}

/** A port of this machine that nobody listens on, for now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const say = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => say(true));
    socket.once('error', () => say(false));
  });
}
