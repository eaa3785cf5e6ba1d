/** `stowage scan` against GNU find over the same tree, in turns: a million names, which is what both must look at one by one. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folders = 20_000;
const filesEach = 50;

/** The result as bench/run.mjs writes it. `tools`: how it runs things and what it works in. */
export async function scan(rounds, { work, stowage, timed, observed, median, SetupError }) {
  makeTree(join(work, 'tree/data'));
  writeFileSync(
    join(work, 'config.json'),
    JSON.stringify({ __config__: { root: join(work, 'tree'), store: 'dir:vault' }, data: { __exclude__: [] } }),
  );
  mkdirSync(join(work, 'vault'));
  const times = { ours: [], theirs: [] };
  let peak = 0;
  // The first round only warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
      rmSync(join(work, '.stowage'), { recursive: true, force: true });
      const run =
        side === 'ours'
          ? await observed([stowage, 'scan', join(work, 'config.json'), 'data', '--quiet'])
          : {
              seconds: await timed('bash', ['-c', "find tree/data -printf '%P\\t%s\\t%T@\\n' > found.tsv"]),
              peakBytes: 0,
            };
      if (side === 'ours') checkListing(work, SetupError);
      if (round > 0) times[side].push(run.seconds);
      peak = Math.max(peak, run.peakBytes);
    }
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return {
    name: `scan of ${(folders * filesEach).toLocaleString('en-US')} files in ${folders.toLocaleString('en-US')} directories, 2 threads`,
    baseline: 'find -printf',
    ours,
    theirs,
    ratio: theirs / ours,
    peak,
    good: theirs / ours >= 1 && peak <= 300 * 1024 ** 2,
    wanted: 'at least 1.0 and at most 300 MiB',
    rounds,
  };
}

function makeTree(root) {
  for (let folder = 0; folder < folders; folder += 1) {
    const path = join(root, String(Math.floor(folder / 200)).padStart(3, '0'), String(folder).padStart(5, '0'));
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < filesEach; file += 1) {
      closeSync(openSync(join(path, `image_${String(file).padStart(6, '0')}.fits`), 'wx'));
    }
  }
}

function checkListing(work, SetupError) {
  const above = join(work, '.stowage/listing/data');
  const [scan] = readdirSync(above);
  if (!readdirSync(join(above, scan)).includes('listing.json')) throw new SetupError('the scan left no listing');
}
