/**
 * A listing of very many entries that nobody has, and what Stowage does with one: read it, plan it, tell the plan as JSON, and add it up. There are always as many archives, so that
 * the memory must be the same whatever the number of entries. What lies on disk meanwhile is looked at now and then.
 */
import { existsSync, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { synthetic } from './synthetic.mjs';

const archives = 20_000;
const GiB = 1024 ** 3;
/** The listing, the same again with the names of archives before each line, and the members of what is to be made. */
const bytesEach = { listing: 82, work: 200 };

/** One result for each command. `tools` as in scan.mjs. */
export async function soak(entries, { work, stowage, timed, observed, SetupError }) {
  if (entries % archives !== 0) throw new SetupError(`--entries must be a multiple of ${archives}`);
  const { bavail, bsize } = statfsSync(work);
  const needed = entries * (bytesEach.listing + bytesEach.work);
  if (bavail * bsize < needed) throw new SetupError(`soak needs ${Math.ceil(needed / GiB)} GiB in '${work}'`);
  const begun = Date.now();
  const config = synthetic(work, { archives, members: entries / archives, recorded: false });
  const listing = sizeOf(join(work, '.stowage'));
  tell(`a listing of ${entries} entries: ${gib(listing)} GiB, made in ${Math.round((Date.now() - begun) / 1000)} s`);
  const read = await timed('bash', ['-c', 'cat .stowage/listing/data/*/*.csv | wc -l > lines']);
  const results = [];
  for (const [what, ...args] of [
    ['missing', 'missing', config, 'data', '--listing', 'latest'],
    ['missing --json', 'missing', config, 'data', '--listing', 'latest', '--json'],
    ['du', 'du', config, 'data', '--depth', '2'],
  ]) {
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, sizeOf(join(work, '.stowage/work')));
    }, 2000);
    const { seconds, peakBytes } = await observed([stowage, ...args], [0, 1]).finally(() => clearInterval(look));
    tell(`${what}: ${seconds.toFixed(0)} s, ${Math.round(peakBytes / 1024 ** 2)} MiB, ${gib(most)} GiB of work files`);
    results.push({
      name: `soak: ${what} of ${entries} listed entries in ${archives} archives, ${gib(listing + most)} GiB on disk, load ${loadavg()[0].toFixed(1)}`,
      baseline: 'cat \\| wc -l of the listing',
      ours: seconds,
      theirs: read,
      ratio: read / seconds,
      peak: peakBytes,
      good: peakBytes <= GiB,
      wanted: 'at most 1 GiB',
      rounds: 1,
    });
  }
  return results;
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}

function gib(bytes) {
  return (bytes / GiB).toFixed(1);
}

/** What lies below a folder; what goes meanwhile is not counted. */
function sizeOf(folder) {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true })) {
    bytes += lstatSync(join(folder, name), { throwIfNoEntry: false })?.blocks * 512 || 0;
  }
  return bytes;
}
