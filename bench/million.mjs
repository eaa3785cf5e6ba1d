/**
 * `stowage archive` of a million small files against fifty thousand of the same kind: the rate and the memory must not depend on how many there are. In two ways: all in
 * one archive, and twenty to an archive. Other work on the machine tells on the rates: the load is noted with each.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';

const few = 50_000;
const inFolder = 1000;
const inArchive = 20;
const mostBytes = 1024;
const MiB = 1024 ** 2;
/** What is known of each archive stays in memory, what is known of members does not: so many archives may take more than one. */
const ways = {
  one: { name: 'in one archive', rules: { d: { 'd/.*$': 'd.tar' } }, mostMiB: 400 },
  many: {
    name: `in archives of ${inArchive}`,
    rules: { d: { 'd/(\\d+)/(\\d+)\\d\\d\\.fits$': 'd/\\1/\\2.tar' } },
    mostMiB: 512,
  },
};

/** One result for each way. `tools` as in scan.mjs. */
export async function million(count, rounds, tools) {
  const { work, fresh, median, SetupError } = tools;
  const needed = (count + few) * 4096 * 2.5;
  const { bavail, bsize } = statfsSync(work);
  if (bavail * bsize < needed) {
    const GiB = 1024 ** 3;
    throw new SetupError(`bench needs ${Math.ceil(needed / GiB)} GiB in '${work}'; take fewer with --files`);
  }
  const results = [];
  for (const [number, way] of [ways.one, ways.many].entries()) {
    const stride = number === 0 ? 1 : 100 / inArchive;
    for (const size of [few, count]) makeTree(join(work, `tree${size}/data/d`), size, stride);
    const seconds = { [few]: [], [count]: [] };
    const peaks = { [few]: 0, [count]: 0 };
    const loads = [];
    for (let round = 0; round <= rounds; round += 1) {
      for (const size of round % 2 === 0 ? [few, count] : [count, few]) {
        fresh();
        const run = await archived(size, way, tools);
        // The first round only warms the caches.
        if (round === 0) continue;
        seconds[size].push(run.seconds);
        loads.push(loadavg()[0]);
        peaks[size] = Math.max(peaks[size], run.peakBytes);
      }
    }
    for (const size of [few, count]) rmSync(join(work, `tree${size}`), { recursive: true });
    const [ours, theirs] = [median(seconds[count]), (median(seconds[few]) * count) / few];
    results.push({
      name: `archive ${count} files of up to ${mostBytes} bytes ${way.name}, load ${median(loads).toFixed(1)}`,
      baseline: `${few} files at ${Math.round(peaks[few] / MiB)} MiB, as many times`,
      ours,
      theirs,
      ratio: theirs / ours,
      peak: peaks[count],
      good: theirs / ours >= 0.9 && peaks[count] <= way.mostMiB * MiB,
      wanted: `at least 0.9 and at most ${way.mostMiB} MiB`,
      rounds,
    });
  }
  return results;
}

async function archived(size, { rules }, { work, stowage, observed, SetupError }) {
  const config = join(work, 'config.json');
  const settings = { root: join(work, `tree${size}`), store: 'dir:vault' };
  writeFileSync(config, JSON.stringify({ __config__: settings, data: { __exclude__: [], ...rules } }));
  const run = await observed([stowage, 'archive', config, 'data', '--quiet']);
  const made = readdirSync(join(work, 'vault/data'), { recursive: true }).filter((name) => name.endsWith('.tar'));
  const wanted = 'd' in rules && rules.d['d/.*$'] !== undefined ? 1 : size / inArchive;
  if (made.length !== wanted) throw new SetupError(`${made.length} archives were made of ${size} files, not ${wanted}`);
  return run;
}

/** So many files of 1 byte to a KiB. Their numbers grow by `stride`, so that those of one archive have all but the last two digits in common. */
function makeTree(folder, count, stride) {
  const content = Buffer.alloc(mostBytes, 'stowage ');
  for (let number = 0; number < count; number += 1) {
    const inner = join(folder, String(Math.floor(number / inFolder)).padStart(4, '0'));
    if (number % inFolder === 0) mkdirSync(inner, { recursive: true });
    const file = openSync(join(inner, `${String(number * stride).padStart(8, '0')}.fits`), 'wx');
    writeSync(file, content, 0, 1 + ((number * 7919) % mostBytes));
    closeSync(file);
  }
}
