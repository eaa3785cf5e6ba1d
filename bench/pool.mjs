/**
 * The staging of a pool against the tools that everyone has. Local: `cp -a` and the same fsync (`sync -f`). Remote: `rsync -a -e ssh` and Cedar Backup's own
 * `cback3 stage`, over an sshd on loopback with keys of its own. Needs sshd, rsync and cback3; as root.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const needed = ['/usr/sbin/sshd', '/usr/bin/rsync', '/usr/bin/cback3'];

const large = ['a.tar.gz', 'b.tar.gz'];

/** Results of `which`: `small`, 5,000 files of 4 KiB, `big`, 2 files of so many MiB, and `both` in one directory, each local and over ssh, and `slow` peers. The tools as in run.mjs. */
export async function pool(which, mib, rounds, tools) {
  const missing = needed.find((program) => !existsSync(program));
  if (missing !== undefined)
    throw new tools.SetupError(`the pool is measured against programs that are not here: ${missing}`);
  const sshd = await startSshd(tools.work);
  const bench = { ...tools, sshd, mib, rounds };
  const results = [];
  try {
    for (const size of which.filter((one) => one !== 'slow')) {
      const from = join(tools.work, size);
      const parts = [];
      mkdirSync(from);
      if (size !== 'big') parts.push(growSmall(from));
      if (size !== 'small') parts.push(growBig(from, mib));
      const what = parts.join(' and ');
      // 1.3 times the time of cp is a ratio of 0.77.
      const local = await race(bench, size, from, undefined, {
        'cp -a, sync -f': (folder) => tools.timed('sh', ['-c', `cp -a '${from}' ${folder}/to && sync -f ${folder}/to`]),
        'cback3 stage': (folder) => cedar(bench, folder, from),
      });
      results.push(...rows(`stage ${what}, local`, local, { 'cp -a, sync -f': 0.77 }, rounds));
      const remote = await race(bench, size, from, sshd, {
        'rsync -a -e ssh': (folder) =>
          tools.timed('sh', ['-c', `rsync -a -e 'ssh -F ${sshd.config}' '127.0.0.1:${from}/' ${folder}/to`]),
        'cback3 stage': (folder) => cedar(bench, folder, from, sshd),
      });
      const wanted = { 'rsync -a -e ssh': 1, ...(size === 'small' ? { 'cback3 stage': 1.5 } : {}) };
      results.push(...rows(`stage ${what}, over ssh`, remote, wanted, rounds));
    }
    if (which.includes('slow')) results.push(await slow(bench));
    return results;
  } finally {
    sshd.stop();
  }
}

/** Every contestant once a round, each round with another one first, so that none always follows the same; the first round is not counted. */
async function race(bench, size, from, sshd, others) {
  const contestants = { stowage: (folder) => stage(bench, folder, from, sshd), ...others };
  const times = new Map(Object.keys(contestants).map((who) => [who, []]));
  let peak = 0;
  for (let round = 0; round <= bench.rounds; round += 1) {
    const all = Object.entries(contestants);
    const first = round % all.length;
    for (const [who, run] of [...all.slice(first), ...all.slice(0, first)]) {
      // A new folder each time, and no small one removed before the end: for a minute, ext4 looks through the inodes that were just freed.
      const folder = join(bench.work, `${size}-${sshd ? 'ssh' : 'local'}-${round}-${who.split(' ')[0]}`);
      for (const made of ['stage', 'working']) mkdirSync(join(folder, made), { recursive: true });
      rmSync(join(from, 'cback.stage'), { force: true });
      await bench.timed('sync', ['-f', bench.work]);
      if (size !== 'small') warm(bench);
      const took = await run(folder);
      if (who === 'stowage') peak = Math.max(peak, took.peakBytes);
      if (round > 0) times.get(who).push(took.seconds ?? took);
      for (const path of size === 'small' ? [] : largeIn(folder)) rmSync(path);
    }
  }
  return { peak, seconds: new Map([...times].map(([who, list]) => [who, bench.median(list)])) };
}

/** Where the large files have come to lie. */
function largeIn(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found.filter(({ name }) => large.includes(name)).map(({ parentPath, name }) => join(parentPath, name));
}

function rows(name, { peak, seconds }, wanted, rounds) {
  const ours = seconds.get('stowage');
  return [...seconds]
    .filter(([who]) => who !== 'stowage')
    .map(([baseline, theirs]) => {
      const least = wanted[baseline];
      const good = least === undefined || theirs / ours >= least;
      return {
        ...{ name, baseline, ours, theirs, ratio: theirs / ours, peak, good, rounds },
        wanted: least === undefined ? 'reported' : `at least ${least}`,
      };
    });
}

/** Memory that was never touched, or given back to the host, is dear on a virtual machine: whoever comes first would pay for all. */
function warm({ work, mib }) {
  execFileSync('dd', ['if=/dev/zero', `of=${work}/warm`, 'bs=1M', `count=${2 * mib}`, 'status=none']);
  rmSync(join(work, 'warm'));
}

function configuration(folder, peers) {
  const file = join(folder, 'cback3.conf');
  writeFileSync(
    file,
    `<?xml version="1.0"?><cb_config><options><starting_day>monday</starting_day><working_dir>${folder}/working</working_dir>
    <backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B -q</rcp_command></options>
    <stage><staging_dir>${folder}/stage</staging_dir>${peers.join('')}</stage></cb_config>`,
    { mode: 0o600 },
  );
  return file;
}

function peerOf(from, sshd, name = sshd ? '127.0.0.1' : 'here') {
  const rcp = sshd ? `<rcp_command>/usr/bin/scp -B -q -F ${sshd.config}</rcp_command>` : '';
  return `<peer><name>${name}</name><type>${sshd ? 'remote' : 'local'}</type><collect_dir>${from}</collect_dir>${rcp}</peer>`;
}

function stage({ stowage, observed }, folder, from, sshd) {
  return observed([stowage, 'pool', 'stage', configuration(folder, [peerOf(from, sshd)]), '--quiet']);
}

function cedar({ timed }, folder, from, sshd) {
  const log = ['--logfile', join(folder, 'cback.log'), '--owner', 'root:root'];
  return timed('cback3', ['--config', configuration(folder, [peerOf(from, sshd)]), ...log, 'stage']);
}

/** Four peers, of which one is slow to answer: the time of the slowest, not the sum. */
async function slow({ work, stowage, timed }) {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) {
    mkdirSync(join(work, name));
    growSmall(join(work, name), 10);
  }
  for (const folder of ['stage', 'working']) mkdirSync(join(work, folder), { recursive: true });
  const rsh = join(work, 'slow-ssh');
  writeFileSync(rsh, '#!/bin/sh\ncase $* in *three*) sleep 3;; *) sleep 1;; esac\nexec sh\n', { mode: 0o755 });
  const peers = names.map(
    (name) =>
      `<peer><name>${name}</name><type>remote</type><collect_dir>${join(work, name)}</collect_dir><rsh_command>${rsh}</rsh_command></peer>`,
  );
  const ours = await timed(process.execPath, [stowage, 'pool', 'stage', configuration(work, peers), '--quiet']);
  return {
    name: 'stage four peers that take 1, 1, 3 and 1 s to answer',
    baseline: 'one after the other',
    ...{ ours, theirs: 6, ratio: 6 / ours, rounds: 1 },
    good: ours < 4,
    wanted: 'that of the slowest, under 4 s',
  };
}

/** What was made is said. */
function growSmall(folder, files = 5000) {
  for (let at = 0; at < files; at += 1) writeFileSync(join(folder, `file-${at}`), Buffer.alloc(4096, `content ${at} `));
  writeFileSync(join(folder, 'cback.collect'), '');
  return `${files.toLocaleString('en')} files of 4 KiB`;
}

/** Incompressible, as archives are. */
function growBig(folder, mib) {
  for (const name of large) {
    const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, name), Buffer.alloc(16));
    const file = openSync(join(folder, name), 'w');
    for (let at = 0; at < mib; at += 1) writeSync(file, cipher.update(Buffer.alloc(1024 ** 2)));
    closeSync(file);
  }
  writeFileSync(join(folder, 'cback.collect'), '');
  return `${large.length} files of ${mib} MiB`;
}

async function startSshd(work) {
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
