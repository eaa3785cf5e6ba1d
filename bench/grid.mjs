/**
 * Files to and from the Grid by `alien.py cp`, against bare xrdcp, which knows of no catalogue. The central server is the sandbox's, the storage elements are Debian's XRootD, all on this machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MiB = 1024 ** 2;

/** Small files: up, down, over a line of 100 ms, and very many for the memory. */
export async function gridSmall(rounds, count, make, tools) {
  const { work } = tools;
  make(300, 10 * 1024)(join(work, 'few'));
  const near = await scratchGrid('near', [], tools);
  const results = [];
  try {
    const files = join(work, 'few/0000/');
    results.push(
      await compared('300 files of 10 KiB up', rounds, tools, {
        before: () => fresh(near, tools),
        ours: () => near.cp(`file:${files}`, `${near.home}/up/`),
        theirs: () => xrdcp(tools, ['-r', '--parallel', '8', files, `${near.first}/theirs/`]),
        after: (side) => side === 'theirs' || near.count(`${near.home}/up`) === 300,
        baseline: 'xrdcp -r',
        mostSeconds: 1.5,
      }),
    );
    near.prepare(files, `${near.home}/down/`);
    results.push(
      await compared('300 files of 10 KiB down', rounds, tools, {
        before() {
          rmSync(join(work, 'back'), { recursive: true, force: true });
          mkdirSync(join(work, 'back'));
        },
        ours: () => near.cp(`${near.home}/down/`, `file:${join(work, 'back')}/`),
        theirs: () => xrdcp(tools, ['-r', '--parallel', '8', `${near.first}/theirs/`, join(work, 'back/')]),
        after: () => filesIn(join(work, 'back')) === 300,
        baseline: 'xrdcp -r',
        mostSeconds: 0.7,
      }),
    );
    if (count > 0) results.push(...(await many(count, near, make, tools)));
  } finally {
    await near.stop();
  }
  const far = await scratchGrid('far', ['--latency', '100'], tools);
  try {
    results.push(
      await compared('300 files up, 100 ms more each round trip', Math.min(rounds, 2), tools, {
        before: () => fresh(far, tools),
        ours: () => far.cp(`file:${join(work, 'few/0000/')}`, `${far.home}/up/`),
        theirs: () => xrdcp(tools, ['-r', '--parallel', '8', join(work, 'few/0000/'), `${far.first}/theirs/`]),
        after: (side) => side === 'theirs' || far.count(`${far.home}/up`) === 300,
        baseline: 'xrdcp -r',
        mostSeconds: 15,
      }),
    );
  } finally {
    await far.stop();
  }
  return results;
}

/** One large file, down and up; up against what takes the checksum first, as who registers a file must. */
export async function gridBig(rounds, make, tools) {
  const { work } = tools;
  make(1, 1024 * MiB)(join(work, 'big'));
  const big = join(work, 'big/0000/0000000.fits');
  const near = await scratchGrid('near', [], tools);
  try {
    const up = await compared('1 GiB up', rounds, tools, {
      before: () => fresh(near, tools),
      ours: () => near.cp(`file:${big}`, `${near.home}/big`),
      theirs: () => tools.timed('bash', ['-c', 'md5sum "$0" && xrdcp -f -s "$0" "$1"', big, `${near.first}/big`]),
      after: (side) => side === 'theirs' || near.has(`${near.home}/big`),
      baseline: 'md5sum, xrdcp',
      least: 0.75,
    });
    near.prepare(big, `${near.home}/down`);
    await xrdcp(tools, [big, `${near.first}/big`]);
    const back = join(work, 'back');
    const down = await compared('1 GiB down', rounds, tools, {
      before: () => rmSync(back, { force: true, recursive: true }),
      ours: () => near.cp(`${near.home}/down`, `file:${back}`),
      theirs: () => xrdcp(tools, [`${near.first}/big`, back]),
      after: () => statSync(back).size === 1024 * MiB,
      baseline: 'xrdcp',
      least: 0.9,
    });
    return [up, down];
  } finally {
    await near.stop();
  }
}

/** So many files up and down once, and the same with a tenth: the memory of both is told. */
async function many(count, near, make, { work, SetupError }) {
  const results = [];
  const peaks = [];
  for (const files of [Math.round(count / 10), count]) {
    const from = join(work, `many-${files}`);
    make(files, 1024)(from);
    const up = await near.cp(`file:${from}/`, `${near.home}/many-${files}/`);
    if (near.count(`${near.home}/many-${files}`) !== files) throw new SetupError(`not all of ${files} files are there`);
    rmSync(join(work, 'back'), { recursive: true, force: true });
    const down = await near.cp(`${near.home}/many-${files}/`, `file:${join(work, 'back')}/`);
    if (filesIn(join(work, 'back')) !== files) throw new SetupError(`not all of ${files} files came back`);
    peaks.push([up, down]);
  }
  for (const [side, name] of ['up', 'down'].entries()) {
    const [few, all] = [peaks[0][side], peaks[1][side]];
    results.push({
      ...{ name: `Grid, ${count} files of 1 KiB ${name}`, baseline: `${count / 10} files`, rounds: 1 },
      ...{ ours: all.seconds, theirs: few.seconds, ratio: few.seconds / all.seconds, peak: all.peakBytes },
      good: all.peakBytes <= few.peakBytes + 32 * MiB,
      wanted: `at most 32 MiB above the ${Math.round(few.peakBytes / MiB)} MiB of a tenth`,
    });
  }
  return results;
}

async function compared(name, rounds, { median, SetupError }, how) {
  const { before, after, baseline, least, mostSeconds, ...run } = how;
  const times = { ours: [], theirs: [] };
  let peak = 0;
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
      before();
      // What earlier rounds left to be written must not be charged to this one.
      spawnSync('sync');
      const took = await run[side]();
      if (!after(side)) throw new SetupError(`${name} by ${side}: not all of it arrived`);
      if (side === 'ours') peak = Math.max(peak, took.peakBytes);
      if (round > 0) times[side].push(side === 'ours' ? took.seconds : took);
    }
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return {
    ...{ name: `Grid, ${name}`, baseline, ours, theirs, ratio: theirs / ours, peak, rounds },
    good: least === undefined ? ours <= mostSeconds : theirs / ours >= least,
    wanted: least === undefined ? `at most ${mostSeconds} s` : `at least ${least}`,
  };
}

function fresh({ data, remove }, { work }) {
  remove();
  for (const name of ['theirs', 'big']) rmSync(join(data, name), { recursive: true, force: true });
  mkdirSync(join(data, 'theirs'));
  chmodSync(join(data, 'theirs'), 0o777);
  rmSync(join(work, 'back'), { recursive: true, force: true });
}

function xrdcp({ timed }, args) {
  return timed('xrdcp', ['-f', '-s', ...args]);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
}

/** A scratch Grid that runs beside us, and what is done to it between the rounds. */
export async function scratchGrid(name, options, { work, root, observed, SetupError }) {
  const main = join(root, 'dist/main.mjs');
  const alien = join(root, 'dist/alien.mjs');
  chmodSync(work, 0o755);
  const child = spawn(process.execPath, [main, 'sandbox', 'grid', join(work, name), ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const told = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    ended.then(() => '{}'),
  ]);
  const { variables, home, elements, hasStorage } = JSON.parse(told);
  if (hasStorage !== true)
    throw new SetupError('the scratch Grid does not start, or has no storage: apt install xrootd-server');
  // An empty home, so that nothing of the user's has a part in it.
  const env = { ...variables, HOME: join(work, `home-${name}`) };
  mkdirSync(env.HOME, { recursive: true });
  Object.assign(process.env, env);
  const run = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [alien, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new SetupError(`alien.py ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  };
  const [first] = elements;
  return {
    home,
    run,
    first: first.url.replace(/\/[^/]*$/, ''),
    data: join(work, name, 'storage', 'firstse', 'data'),
    cp: (...args) => observed([alien, 'cp', ...args, '-f']),
    prepare: (from, to) => run('cp', '-f', `file:${from}`, to),
    count: (lfn) =>
      run('find', '-f', '-a', lfn, '*')
        .split('\n')
        .filter((line) => line !== '').length,
    has: (lfn) => run('stat', lfn) !== '',
    remove() {
      for (const one of ['up', 'big']) spawnSync(process.execPath, [alien, 'rm', '-rf', `${home}/${one}`]);
    },
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
