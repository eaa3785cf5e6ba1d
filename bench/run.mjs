/**
 * `npm run bench [-- --rounds N --small FILES --big GIB --members N --files N --entries N --mib N --copies N --only NAME,… --dry]`: stowage against the tools that everyone has, in one run
 * and interleaved, so that both sides see the same machine. Medians and ratios go to bench/RESULTS.md, unless `--dry`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, root, runScript, SetupError } from '../scripts/prepare.mjs';
import { discs } from './discs.mjs';
import { fates } from './fates.mjs';
import { finding } from './find.mjs';
import { gridBig, gridSmall } from './grid.mjs';
import { gridPwd } from './grid-pwd.mjs';
import { hpsspy } from './hpsspy.mjs';
import { million } from './million.mjs';
import { planning } from './plan.mjs';
import { pool } from './pool.mjs';
import { restoring } from './restore.mjs';
import { scan } from './scan.mjs';
import { soak } from './soak.mjs';
import { xrootd } from './xrootd.mjs';

const work = join(root, 'bench/work');
const stowage = join(root, 'dist/main.mjs');
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      small: { type: 'string', default: '50000' },
      big: { type: 'string', default: '4' },
      members: { type: 'string', default: '10000000' },
      files: { type: 'string', default: '1000000' },
      entries: { type: 'string', default: '100000000' },
      copies: { type: 'string', default: '10000' },
      mib: { type: 'string', default: '1024' },
      only: { type: 'string', default: 'small,big,version,scan,fates,find' },
      dry: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const small = Number(values.small);
  const big = Number(values.big);
  if (![rounds, small, big].every((number) => number > 0) || !Number.isInteger(rounds) || !Number.isInteger(small)) {
    throw new SetupError('--rounds, --small and --big must be numbers above 0');
  }
  prepare();
  const poolTools = { work, stowage, timed, observed, median, SetupError };
  const benchmarks = {
    small: () => archiving(`${small} files of 4 KiB`, rounds, makeFiles(small, 4096)),
    big: () =>
      archiving(
        `${big} GiB in files of ${Math.min(256, big * 1024)} MiB`,
        rounds,
        makeFiles(Math.max(1, Math.round(big * 4)), Math.min(256 * MiB, big * GiB)),
      ),
    restore: () => restoring(small, rounds, makeFiles(small, 4096), { work, stowage, timed, observed, median }),
    version: () => startingUp(Math.max(rounds, 21)),
    find: () => finding(work, Number(values.members), rounds, { timed, median }),
    million: () =>
      million(Number(values.files), Math.min(rounds, 3), { work, stowage, fresh, observed, median, SetupError }),
    soak: () => soak(Number(values.entries), { work, stowage, timed, observed, SetupError }),
    scan: () => scan(rounds, { work, stowage, timed, observed, median, SetupError }),
    plan: () =>
      planning(work, { archives: 200_000, members: 50, rounds: Math.min(rounds, 3), most: 40 }, { timed, median }),
    plan30: () => planning(work, { archives: 200_000, members: 150, rounds: 1 }, { timed, median }),
    pool: () => pool(['small', 'big', 'both', 'slow'], Number(values.mib), Math.min(rounds, 3), poolTools),
    'pool-small': () => pool(['small'], Number(values.mib), rounds, poolTools),
    'pool-both': () => pool(['both'], Number(values.mib), rounds, poolTools),
    hpsspy: () =>
      hpsspy(
        work,
        { files: 200_000, wanted: 3, rows: 2_000_000, rounds },
        { observed, timed, median, root, SetupError },
      ),
    'hpsspy-large': () =>
      hpsspy(work, { files: 2_000_000, wanted: 5, rounds }, { observed, timed, median, root, SetupError }),
    discs: () =>
      discs(1000, GiB, Math.min(rounds, 3), makeFiles(1000, Math.floor(GiB / 1000)), {
        work,
        entry: join(root, 'dist/disc.mjs'),
        timed,
        median,
      }),
    xrootd: () => xrootd(Math.min(rounds, 3), makeFiles, { work, root, timed, observed, median, SetupError }),
    'grid-small': () =>
      gridSmall(rounds, Number(values.copies), makeFiles, { work, root, timed, observed, median, SetupError }),
    'grid-big': () => gridBig(Math.min(rounds, 3), makeFiles, { work, root, timed, observed, median, SetupError }),
    'grid-pwd': () => gridPwd(Math.max(rounds, 21), { work, root, timed, median, SetupError }),
    fates: () => fates(2_000_000, Math.min(rounds, 3), median),
  };
  const names = values.only.split(',');
  const unknown = names.find((name) => benchmarks[name] === undefined);
  if (unknown !== undefined)
    throw new SetupError(`no benchmark '${unknown}'; there are ${Object.keys(benchmarks).join(', ')}`);
  const results = [];
  for (const name of names) {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    try {
      for (const result of [await benchmarks[name]()].flat()) {
        process.stdout.write(`${row(result)}\n`);
        results.push(result);
      }
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  if (!values.dry) writeFileSync(join(root, 'bench/RESULTS.md'), page(results, process.argv.slice(2)));
  const bad = results.filter((result) => !result.good);
  for (const { name, wanted } of bad) process.stderr.write(`not as wanted: ${name} (${wanted})\n`);
  return bad.length === 0 ? 0 : 1;
});

/** The whole command against tar into a file and sha256sum at once, with the same fsync behind. */
async function archiving(name, rounds, make) {
  const { bytes } = make(join(work, 'tree/data/d'));
  const configuration = {
    __config__: { root: join(work, 'tree'), store: 'dir:vault' },
    data: { __exclude__: [], d: { 'd/.*$': 'd.tar' } },
  };
  writeFileSync(join(work, 'config.json'), JSON.stringify(configuration));
  const times = { ours: [], theirs: [] };
  let peak = 0;
  // The first round only warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
      fresh();
      const run =
        side === 'ours'
          ? await observed([stowage, 'archive', join(work, 'config.json'), 'data', '--quiet'])
          : await baseline();
      checkArchive(side, bytes);
      if (round > 0) times[side].push(run.seconds);
      if (side === 'ours') peak = Math.max(peak, run.peakBytes);
    }
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  const good = theirs / ours >= 0.7 && peak <= 300 * MiB;
  return {
    name: `archive ${name}`,
    baseline: 'tar \\| tee \\| sha256sum, sync',
    ours,
    theirs,
    ratio: theirs / ours,
    peak,
    good,
    wanted: 'at least 0.7 and at most 300 MiB',
    rounds,
  };
}

function fresh() {
  for (const name of ['vault', '.stowage', 'theirs']) rmSync(join(work, name), { recursive: true, force: true });
  mkdirSync(join(work, 'vault'));
  mkdirSync(join(work, 'theirs'));
  // What earlier rounds left to be written must not be charged to this one.
  spawnSync('sync');
}

/** `process.resourceUsage` of a wrapper that has this one child would count the wrapper too; the child tells its own as it exits. */
async function observed(argv, fine = [0]) {
  const told = join(work, 'usage.json');
  const observer = `process.on('exit',()=>require('node:fs').writeFileSync(${JSON.stringify(told)},JSON.stringify(process.resourceUsage().maxRSS)))`;
  const hook = join(work, 'observer.cjs');
  writeFileSync(hook, observer);
  const seconds = await timed(process.execPath, ['--require', hook, ...argv], fine);
  return { seconds, peakBytes: JSON.parse(readFileSync(told, 'utf8')) * 1024 };
}

async function baseline() {
  const command =
    'set -e -o pipefail; tar -c -C tree/data d | tee theirs/d.tar | sha256sum > theirs/d.sha256; sync theirs/d.tar theirs';
  return { seconds: await timed('bash', ['-c', command]) };
}

function checkArchive(side, bytes) {
  const path = join(work, side === 'ours' ? 'vault/data/d.tar' : 'theirs/d.tar');
  if (statSync(path).size < bytes) throw new SetupError(`'${path}' holds less than what was to be archived`);
}

async function startingUp(rounds) {
  const times = { ours: [], theirs: [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
      const seconds = await timed(process.execPath, side === 'ours' ? [stowage, '--version'] : ['-e', '0']);
      if (round > 0) times[side].push(seconds);
    }
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return {
    name: 'stowage --version',
    baseline: 'node -e 0',
    ours,
    theirs,
    ratio: theirs / ours,
    good: theirs / ours >= 0.5,
    wanted: 'at least 0.5',
    rounds,
  };
}

/** Fails unless the command ends with 0, or with another status that is fine: a quick failure is no speed. */
function timed(program, args, fine = [0]) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (data) => {
      complaint += data;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (fine.includes(status)) resolve(seconds);
      else reject(new SetupError(`${program} ${args.join(' ')} ended with ${signal ?? status}:\n${complaint}`));
    });
  });
}

/** Files of noise, a thousand to a folder. */
function makeFiles(count, size) {
  return (folder) => {
    const bytes = count * size;
    const { bavail, bsize } = statfsSync(work);
    // The tree, and one archive of each side; and some air.
    if (bavail * bsize < bytes * 2.5)
      throw new SetupError(`bench needs ${(bytes * 2.5) / GiB} GiB in '${work}'; take less with --small or --big`);
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
    for (let number = 0; number < count; number += 1) {
      const inner = join(folder, String(Math.floor(number / 1000)).padStart(4, '0'));
      if (number % 1000 === 0) mkdirSync(inner, { recursive: true });
      const file = openSync(join(inner, `${String(number).padStart(7, '0')}.fits`), 'wx');
      for (let left = size; left > 0; left -= MiB) writeSync(file, noise.update(Buffer.alloc(Math.min(left, MiB))));
      closeSync(file);
    }
    return { bytes };
  };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function row({ name, baseline: other, ours, theirs, ratio, peak, good, wanted, rounds }) {
  const memory = peak === undefined ? '–' : `${Math.round(peak / MiB)} MiB`;
  return `| ${name} | ${shown(ours)} | ${other} | ${shown(theirs)} | ${ratio.toFixed(2)} | ${memory} | ${wanted}: ${good ? 'yes' : 'NO'} | ${rounds} |`;
}

function shown(seconds) {
  return seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${seconds.toFixed(2)} s`;
}

function page(results, args) {
  const processors = cpus();
  const command = ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
  return `# Results

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${processors.length} cores of ${processors[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / GiB)} GiB, ${platform()} ${release()}, Node ${process.versions.node}.

The ratio is the other's time by ours: above 1 we are faster. Times are medians over rounds that take turns, the first of which is not counted;
each archiving starts with an empty store and no record. Memory is the largest resident set of any round.

| what | Stowage | other | its time | ratio | memory | wanted | rounds |
|---|---|---|---|---|---|---|---|
${results.map(row).join('\n')}
`;
}
