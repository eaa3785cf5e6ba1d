import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { onTestFinished } from 'vitest';
import { scratchFolder } from '../scratch-folder.ts';

const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/lib/ssh/sshd'].find(existsSync);

/** True if this machine has a server for ssh, and its clients. */
export const hasSshd = sshd !== undefined && existsSync('/usr/bin/ssh') && existsSync('/usr/bin/scp');

export interface LoopbackOptions {
  /** Lines for sshd_config, such as `ForceCommand internal-sftp`. */
  readonly config?: readonly string[];
  /** Stands between the client and the server: may hold bytes back or cut the line. */
  readonly between?: (client: Socket, server: Socket) => void;
  /** The first connections get nothing but silence. */
  readonly mute?: number;
}

/** A real sshd on loopback, for the running test, with keys that nobody else has. */
export interface LoopbackSshd {
  readonly port: number;
  readonly folder: string;
  /** A file for `ssh -F`: key, known hosts, user; all that this server needs. */
  readonly sshConfig: string;
  /** `/usr/bin/ssh` with it. */
  readonly rshCommand: string;
  /** `/usr/bin/scp` with it. */
  readonly rcpCommand: string;
  /** How many connections came. */
  connections(): number;
  /** The server is another one from now on. */
  changeHostKey(): void;
  log(): string;
}

/** Starts one. Each connection gets a process of its own (`sshd -i`), so that there is no port to be lost to others, and none is left running. */
export async function loopbackSshd(options: LoopbackOptions = {}): Promise<LoopbackSshd> {
  const folder = await scratchFolder();
  const key = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${name}`]);
  for (const name of ['host', 'other-host', 'client']) key(name);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const log = `${folder}/sshd.log`;
  writeFileSync(log, '');
  const configure = (hostKey: string) =>
    writeFileSync(
      `${folder}/sshd_config`,
      [
        `HostKey ${folder}/${hostKey}`,
        `AuthorizedKeysFile ${folder}/client.pub`,
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin yes',
        'PermitUserRC no',
        'LogLevel VERBOSE',
        'Subsystem sftp internal-sftp',
        ...(options.config ?? []),
        '',
      ].join('\n'),
    );
  configure('host');

  let connections = 0;
  const children = new Set<ReturnType<typeof spawn>>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    if (connections <= (options.mute ?? 0)) return;
    const errors = openSync(log, 'a');
    const child = spawn(sshd!, ['-i', '-e', '-f', `${folder}/sshd_config`], { stdio: [socket, socket, errors] });
    closeSync(errors);
    children.add(child);
    child.once('exit', () => children.delete(child));
    child.once('error', (error) => appendFileSync(log, `${error}\n`));
    // The connection is the child's now.
    socket.destroy();
  });
  const inner = await listening(server);
  const { between } = options;
  const outer = between === undefined ? undefined : createServer((client) => between(client, joined(client, inner)));
  const port = outer === undefined ? inner : await listening(outer);
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
    server.close();
    outer?.close();
  });

  const hostKey = readFileSync(`${folder}/host.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(`${folder}/known_hosts`, `[127.0.0.1]:${port} ${hostKey}\n`);
  const sshConfig = `${folder}/ssh_config`;
  writeFileSync(
    sshConfig,
    [
      'Host *',
      `  Port ${port}`,
      `  User ${userInfo().username}`,
      `  IdentityFile ${folder}/client`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${folder}/known_hosts`,
      '  GlobalKnownHostsFile /dev/null',
      '',
    ].join('\n'),
  );
  return {
    port,
    folder,
    sshConfig,
    rshCommand: `/usr/bin/ssh -F ${sshConfig}`,
    rcpCommand: `/usr/bin/scp -B -q -F ${sshConfig}`,
    connections: () => connections,
    changeHostKey: () => configure('other-host'),
    log: () => readFileSync(log, 'utf8'),
  };
}

/** The line goes dead, or silent, once so many bytes came from the server. */
export function after(bytes: number, what: 'cut' | 'silence', times = Number.POSITIVE_INFINITY) {
  let left = times;
  return (client: Socket, server: Socket): void => {
    let passed = 0;
    const armed = left > 0;
    left -= 1;
    client.pipe(server);
    server.on('data', (chunk) => {
      if (armed && passed + chunk.length > bytes) {
        if (what === 'silence') {
          server.pause();
          client.unpipe(server);
          client.resume();
        } else {
          client.destroy();
          server.destroy();
        }
        return;
      }
      passed += chunk.length;
      client.write(chunk);
    });
    server.on('end', () => client.end());
  };
}

function joined(client: Socket, port: number): Socket {
  const server = connect(port, '127.0.0.1');
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => undefined);
    one.on('close', () => other.destroy());
  }
  onTestFinished(() => {
    client.destroy();
    server.destroy();
  });
  return server;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
