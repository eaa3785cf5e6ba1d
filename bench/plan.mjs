/**
 * The plan of a large section of which every archive is recorded and in the store, by a listing that is there: `missing --listing latest`, against what a
 * user would do with two lists of name, size and time, one of the disk and one of the archives: sort both and compare them.
 */
import { createReadStream, createWriteStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../scripts/prepare.mjs';
import { synthetic } from './synthetic.mjs';

const stowage = join(root, 'dist/main.mjs');
const GiB = 1024 ** 3;

/** One result; `timed` and `median` as in run.mjs. `most` is what our time may be, in seconds; absent: only the memory is judged. */
export async function planning(work, { archives, members, rounds, most }, { timed, median }) {
  const config = synthetic(work, { archives, members });
  await listOfRecord(work);
  const told = join(work, 'usage.json');
  const hook = join(work, 'observer.cjs');
  writeFileSync(
    hook,
    `process.on('exit',()=>require('node:fs').writeFileSync(${JSON.stringify(told)},String(process.resourceUsage().maxRSS)))`,
  );
  const times = { ours: [], theirs: [] };
  let peak = 0;
  // The first round warms the caches and makes the heads of the record.
  for (let round = 0; round <= rounds; round += 1) {
    const ours = await timed(process.execPath, [
      '--require',
      hook,
      stowage,
      'missing',
      config,
      'data',
      '--listing',
      'latest',
    ]);
    peak = Math.max(peak, Number(readFileSync(told, 'utf8')) * 1024);
    const theirs = await timed('bash', ['-c', comparison]);
    if (round === 0) continue;
    times.ours.push(ours);
    times.theirs.push(theirs);
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  const inTime = most === undefined || ours < most;
  return {
    name: `plan of ${archives * members} entries in ${archives} archives`,
    baseline: 'sort \\| comm of two lists',
    ours,
    theirs,
    ratio: theirs / ours,
    peak,
    good: inTime && peak < GiB,
    wanted: `${most === undefined ? '' : `under ${most} s and `}under 1 GiB`,
    rounds,
  };
}

const comparison = `set -e -o pipefail; export LC_ALL=C
cat .stowage/listing/data/*/*.csv | grep ',f,' | cut -d, -f1,4,5 | sort -S 256M --parallel=2 -T . > disk.sorted
sort -S 256M --parallel=2 -T . record.list > record.sorted
comm -3 disk.sorted record.sorted > differing; test ! -s differing; rm *.sorted differing`;

/** The record as a list of name, size and time: what a user might keep. */
async function listOfRecord(work) {
  const out = createWriteStream(join(work, 'record.list'));
  const folder = join(work, '.stowage/journal/data');
  for (const name of readdirSync(folder)) {
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
      const member = /^\{"kind":"member","path":"([^"]*)","type":"file","bytes":(\d+),"mtime":"(\d+)\.(\d+)"/.exec(
        line,
      );
      if (member !== null && !out.write(`${member[1]},${member[2]},${member[3]}${member[4]}\n`))
        await new Promise((resolve) => out.once('drain', resolve));
    }
  }
  await new Promise((resolve) => out.end(resolve));
}
