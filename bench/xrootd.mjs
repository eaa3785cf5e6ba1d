/** Files to and from an XRootD server: a large one against bare xrdcp, and small ones in parallel. The server is Debian's own, on this machine. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MiB = 1024 ** 2;

/** Three results; the tools as in run.mjs. */
export async function xrootd(rounds, make, { work, root, timed, observed, median, SetupError }) {
  const owner = process.getuid() === 0 ? ['-R', 'xrootd'] : [];
  const server = await start(work, owner, SetupError);
  try {
    const url = `root://127.0.0.1:${server.port}/`;
    make(1, 1024 * MiB)(join(work, 'local'));
    const big = join(work, 'local/0000/0000000.fits');
    const script = join(root, 'bench/xrootd-client.mjs');
    const ours = (...args) => observed([script, ...args]);
    const theirs = (...args) => timed('xrdcp', ['-f', '-s', ...args]);
    const fresh = (path) => rmSync(path, { force: true, recursive: true });
    const sides = {
      'up 1 GiB': {
        ours: () => ours('up', big, `${url}/up`),
        theirs: () => theirs(big, `${url}/up`),
        before: () => fresh(join(work, 'data/up')),
        after: () => statSync(join(work, 'data/up')).size === 1024 * MiB,
        baseline: 'xrdcp',
        least: 0.75,
      },
      'down 1 GiB': {
        ours: () => ours('down', `${url}/up`, join(work, 'back')),
        theirs: () => theirs(`${url}/up`, join(work, 'back')),
        before: () => fresh(join(work, 'back')),
        after: () => statSync(join(work, 'back')).size === 1024 * MiB,
        baseline: 'xrdcp',
        least: 0.9,
      },
      '300 files of 10 KiB up and down': {
        ours: () => ours('small', `${url}/small-`, '300'),
        theirs: async () =>
          timed('xrdcp', ['-f', '-s', '-r', '--parallel', '8', join(work, 'few'), `${url}/few-theirs/`]),
        before: () => {},
        after: () => true,
        baseline: 'xrdcp -r, up alone',
        least: 0,
      },
    };
    make(300, 10 * 1024)(join(work, 'few'));
    const results = [];
    for (const [name, { before, after, baseline, least, ...run }] of Object.entries(sides)) {
      const times = { ours: [], theirs: [] };
      let peak = 0;
      for (let round = 0; round <= rounds; round += 1) {
        for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
          before();
          // What earlier rounds left to be written must not be charged to this one.
          spawnSync('sync');
          const took = await run[side]();
          if (!after()) throw new SetupError(`${name} by ${side}: not all of it arrived`);
          if (side === 'ours') peak = Math.max(peak, took.peakBytes);
          if (round > 0) times[side].push(side === 'ours' ? took.seconds : took);
        }
      }
      const [mine, other] = [median(times.ours), median(times.theirs)];
      results.push({
        ...{ name: `XRootD ${name}`, baseline, ours: mine, theirs: other, ratio: other / mine, peak, rounds },
        good: other / mine >= least,
        wanted: least === 0 ? 'reported' : `at least ${least}`,
      });
    }
    return results;
  } finally {
    server.stop();
  }
}

async function start(work, owner, SetupError) {
  for (const name of ['data', 'data/few-theirs', 'admin']) {
    mkdirSync(join(work, name));
    chmodSync(join(work, name), 0o777);
  }
  const port = await freePort();
  const config = join(work, 'xrootd.cfg');
  writeFileSync(
    config,
    `all.role server
all.export /
oss.localroot ${work}/data
all.adminpath ${work}/admin
all.pidpath ${work}/admin
xrd.port ${port}
xrd.network nodnr
xrootd.chksum max 2 md5 adler32 crc32
ofs.persist auto
`,
  );
  const log = join(work, 'admin/log');
  const child = spawn('xrootd', [...owner, '-c', config, '-l', log], { cwd: work, stdio: 'ignore' });
  for (let tries = 0; !said(log).includes('initialization completed.\n------ xrootd'); tries += 1) {
    if (/------ xrootd \S+ initialization completed/.test(said(log))) break;
    if (tries > 200 || child.exitCode !== null) throw new SetupError(`the XRootD server does not start:\n${said(log)}`);
    await delay(50);
  }
  return { port, stop: () => child.kill('SIGKILL') };
}

function said(log) {
  try {
    return readFileSync(log, 'utf8');
  } catch {
    return '';
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
