/** Many small files brought back out of one archive, each checked and durable, against tar and one sync of the file system, which checks nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One result; the tools as in run.mjs. */
export async function restoring(files, rounds, make, { work, stowage, timed, observed, median }) {
  make(join(work, 'tree/data/d'));
  mkdirSync(join(work, 'vault'));
  const config = join(work, 'config.json');
  const rules = { __exclude__: [], d: { 'd/.*$': 'd.tar' } };
  writeFileSync(config, JSON.stringify({ __config__: { root: join(work, 'tree'), store: 'dir:vault' }, data: rules }));
  await timed(process.execPath, [stowage, 'archive', config, 'data', '--quiet']);
  const times = { ours: [], theirs: [] };
  let peak = 0;
  // The first round only warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
      // A new folder each time, and none removed before the end: for a minute, ext4 looks through the inodes that were just freed, and creating is ten times as slow.
      const back = `back-${round}-${side}`;
      mkdirSync(join(work, back));
      await timed('sync', []);
      if (side === 'ours') {
        const run = await observed([stowage, 'restore', config, 'data', '.', '--to', join(work, back), '--quiet']);
        peak = Math.max(peak, run.peakBytes);
        if (round > 0) times.ours.push(run.seconds);
      } else {
        const seconds = await timed('bash', ['-c', `tar -x -C ${back} -f vault/data/d.tar && sync -f ${back}`]);
        if (round > 0) times.theirs.push(seconds);
      }
    }
  }
  await timed('diff', ['-r', join(work, 'tree/data/d'), join(work, `back-${rounds}-ours/d`)]);
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return {
    name: `restore ${files} files of 4 KiB`,
    baseline: 'tar -x, sync -f',
    ours,
    theirs,
    ratio: theirs / ours,
    peak,
    good: true,
    wanted: 'reported',
    rounds,
  };
}
