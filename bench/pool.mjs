/**
 * `node bench/pool.mjs [--only local-small,local-big,remote-small,remote-big,slow] [--rounds N] [--mib N]`: the staging of a pool against the tools
 * that everyone has, interleaved, in one run; medians are printed. Local: `cp -a` and the same fsync (`sync -f`). Remote: `rsync -a -e ssh` and Cedar
 * Backup's own `cback3 stage`, over an sshd on loopback with keys of its own. Needs sshd, rsync and cback3; as root.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, root, runScript } from '../scripts/prepare.mjs';

const work = join(root, 'bench/work-pool');
const stowage = join(root, 'dist/main.mjs');
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'local-small,local-big,remote-small,remote-big,slow' },
    rounds: { type: 'string', default: '3' },
    mib: { type: 'string', default: '1024' },
  },
});
const rounds = Number(values.rounds);
const wanted = values.only.split(',');

await runScript(async () => {
  prepare();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const sshd = await startSshd();
  try {
    if (wanted.some((one) => one.endsWith('small'))) growSmall(join(work, 'small'));
    if (wanted.some((one) => one.endsWith('big'))) growBig(join(work, 'big'), Number(values.mib));
    for (const size of ['small', 'big']) {
      const from = join(work, size);
      if (wanted.includes(`local-${size}`)) {
        await race(`local-${size}`, {
          stowage: () => stage(from),
          'cp -a, sync -f': () => shell(`cp -a '${from}' to && sync -f to`),
          'cback3 stage': () => cedar(from),
        });
      }
      if (wanted.includes(`remote-${size}`)) {
        await race(`remote-${size}`, {
          stowage: () => stage(from, sshd),
          'rsync -a -e ssh': () => shell(`rsync -a -e 'ssh -F ${sshd.config}' '127.0.0.1:${from}/' to`),
          'cback3 stage': () => cedar(from, sshd),
        });
      }
    }
    if (wanted.includes('slow')) await slow();
  } finally {
    sshd.stop();
    rmSync(work, { recursive: true, force: true });
  }
});

/** Every contestant once a round, in turns; the first round is not counted. */
async function race(name, contestants) {
  const times = new Map(Object.keys(contestants).map((who) => [who, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [who, run] of Object.entries(contestants)) {
      for (const folder of ['to', 'stage', 'working', 'state'])
        rmSync(join(work, folder), { recursive: true, force: true });
      for (const folder of ['stage', 'working']) mkdirSync(join(work, folder));
      for (const size of ['small', 'big']) rmSync(join(work, size, 'cback.stage'), { force: true });
      execFileSync('sync', ['-f', work]);
      if (name.endsWith('big')) warm();
      const begun = performance.now();
      await run();
      if (round > 0) times.get(who).push(performance.now() - begun);
    }
  }
  const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const ours = median(times.get('stowage'));
  for (const [who, list] of times) {
    const all = list.map((ms) => (ms / 1000).toFixed(2)).join(' ');
    console.log(
      `${name} | ${who} | ${(median(list) / 1000).toFixed(2)} s | ${(median(list) / ours).toFixed(2)} | ${all}`,
    );
  }
}

/** Memory that was never touched, or given back to the host, is dear on a virtual machine: whoever comes first would pay for all. */
function warm() {
  execFileSync('dd', ['if=/dev/zero', `of=${work}/warm`, 'bs=1M', `count=${2 * Number(values.mib)}`, 'status=none']);
  rmSync(join(work, 'warm'));
}

function configuration(peers) {
  const file = join(work, 'cback3.conf');
  writeFileSync(
    file,
    `<?xml version="1.0"?><cb_config><options><starting_day>monday</starting_day><working_dir>${work}/working</working_dir>
    <backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B -q</rcp_command></options>
    <stage><staging_dir>${work}/stage</staging_dir>${peers.join('')}</stage></cb_config>`,
    { mode: 0o600 },
  );
  return file;
}

function peerOf(from, sshd, name = sshd ? '127.0.0.1' : 'here') {
  const rcp = sshd ? `<rcp_command>/usr/bin/scp -B -q -F ${sshd.config}</rcp_command>` : '';
  return `<peer><name>${name}</name><type>${sshd ? 'remote' : 'local'}</type><collect_dir>${from}</collect_dir>${rcp}</peer>`;
}

function stage(from, sshd) {
  return run(process.execPath, [stowage, 'pool', 'stage', configuration([peerOf(from, sshd)]), '--quiet']);
}

function cedar(from, sshd) {
  const log = ['--logfile', join(work, 'cback.log'), '--owner', 'root:root'];
  return run('cback3', ['--config', configuration([peerOf(from, sshd)]), ...log, 'stage']);
}

/** Four peers, of which one is slow to answer: the time of the slowest, not the sum. */
async function slow() {
  const names = ['one', 'two', 'three', 'four'];
  const [sleep, conf] = [1, join(work, 'slow.conf')];
  for (const name of names) growSmall(join(work, name), 10);
  for (const folder of ['stage', 'working']) mkdirSync(join(work, folder), { recursive: true });
  const rsh = join(work, 'slow-ssh');
  writeFileSync(rsh, `#!/bin/sh\ncase $* in *three*) sleep ${3 * sleep};; *) sleep ${sleep};; esac\nexec sh\n`, {
    mode: 0o755,
  });
  const peers = names.map(
    (name) =>
      `<peer><name>${name}</name><type>remote</type><collect_dir>${join(work, name)}</collect_dir><rsh_command>${rsh}</rsh_command></peer>`,
  );
  writeFileSync(conf, readFileSync(configuration(peers)));
  const begun = performance.now();
  await run(process.execPath, [stowage, 'pool', 'stage', conf, '--quiet']);
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  console.log(`slow | four peers that take 1, 1, 3 and 1 s to answer | ${seconds} s | the sum is 6 s`);
}

function growSmall(folder, files = 5000) {
  mkdirSync(folder);
  for (let at = 0; at < files; at += 1) writeFileSync(join(folder, `file-${at}`), Buffer.alloc(4096, `content ${at} `));
  writeFileSync(join(folder, 'cback.collect'), '');
}

/** Incompressible, as archives are. */
function growBig(folder, mib) {
  mkdirSync(folder);
  for (const name of ['a.tar.gz', 'b.tar.gz']) {
    const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, name), Buffer.alloc(16));
    const file = openSync(join(folder, name), 'w');
    for (let at = 0; at < mib; at += 1) writeSync(file, cipher.update(Buffer.alloc(1024 ** 2)));
    closeSync(file);
  }
  writeFileSync(join(folder, 'cback.collect'), '');
}

async function startSshd() {
  const folder = join(work, 'ssh');
  mkdirSync(folder, { mode: 0o700 });
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd');
  for (const key of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
  ];
  const more = [
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PermitRootLogin yes',
    'Subsystem sftp internal-sftp',
    '',
  ];
  writeFileSync(join(folder, 'sshd_config'), [...lines, ...more].join('\n'));
  const key = String(execFileSync('cut', ['-d', ' ', '-f1,2', join(folder, 'host.pub')])).trim();
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${key}\n`);
  const config = join(folder, 'ssh_config');
  const client = [
    `Port ${port}`,
    'User root',
    `IdentityFile ${folder}/client`,
    `UserKnownHostsFile ${folder}/known_hosts`,
    '',
  ];
  writeFileSync(config, `Host *\n${client.join('\n')}`);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      execFileSync('ssh', ['-F', config, '127.0.0.1', 'true'], { stdio: 'ignore' });
      break;
    } catch {}
  }
  return { config, stop: () => child.kill() };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function shell(script) {
  return run('sh', ['-c', script]);
}

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')}: status ${status}; ${readdirSync(work)}`));
    });
  });
}
