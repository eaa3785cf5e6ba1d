/**
 * The fates of many paths by 120 rules, on one core: ours against what HPSSPy does, a loop over Python's compiled patterns that
 * tries all rules of the path's directory. Both sides make the same paths and must come to the same archives.
 */
import { spawnSync } from 'node:child_process';
import { SetupError } from '../scripts/prepare.mjs';

const rules = 120;

/** One result for each way to lay the rules out. `median` as in run.mjs. */
export async function fates(paths, rounds, median) {
  const { readConfiguration, ruleSet } = await import('../dist/rules.mjs');
  const results = [];
  for (const directories of [12, 1]) {
    const section = sectionOf(directories);
    const text = JSON.stringify({ __config__: { root: '/r', store: 'dir:v' }, data: section });
    const { configuration, problems } = readConfiguration(Buffer.from(text), 'bench.json');
    if (configuration === undefined) throw new SetupError(JSON.stringify(problems));
    const set = ruleSet(configuration, 'data');
    const all = pathsOf(paths, directories);
    const times = { ours: [], theirs: [] };
    for (let round = 0; round <= rounds; round += 1) {
      const ours = timeOurs(set, all);
      const theirs = timeTheirs(section, paths, directories);
      if (ours.archived !== theirs.archived)
        throw new SetupError(`${ours.archived} paths archived, by Python ${theirs.archived}`);
      if (round === 0) continue;
      times.ours.push(ours.seconds);
      times.theirs.push(theirs.seconds);
    }
    const [ours, theirs] = [median(times.ours), median(times.theirs)];
    const rate = paths / ours;
    results.push({
      name: `fates of ${paths} paths, ${rules} rules in ${directories === 1 ? '1 directory' : `${directories} directories`}: ${(rate / 1e6).toFixed(2)} M paths/s`,
      baseline: "the same by Python's re",
      ours,
      theirs,
      ratio: theirs / ours,
      good: directories === 1 || rate >= 1.5e6,
      wanted: directories === 1 ? 'reported' : 'at least 1.5 M paths/s',
      rounds,
    });
  }
  return results;
}

function sectionOf(directories) {
  const section = { __exclude__: [] };
  for (let directory = 0; directory < directories; directory += 1) {
    const own = {};
    for (let rule = 0; rule < rules / directories; rule += 1)
      own[`d${directory}/k${rule}/([0-9]{4})/[^/]+\\.fits$`] = `d${directory}/k${rule}_\\1.tar`;
    section[`d${directory}`] = own;
  }
  return section;
}

/** Written the same way in Python below. */
function pathsOf(count, directories) {
  const each = rules / directories;
  return Array.from(
    { length: count },
    (_, at) => `d${at % directories}/k${Math.floor(at / directories) % each}/${1000 + (at % 100)}/exposure-${at}.fits`,
  );
}

function timeOurs(set, all) {
  const start = process.hrtime.bigint();
  let archived = 0;
  for (const path of all) if (set.fateOf(path).kind === 'archived') archived += 1;
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, archived };
}

function timeTheirs(section, count, directories) {
  const script = `
import json, re, sys, time
section, count, directories = json.load(sys.stdin), ${count}, ${directories}
each = ${rules} // directories
rules = {d: [(re.compile(p), t) for p, t in r.items()] for d, r in section.items() if d != '__exclude__'}
paths = ['d%d/k%d/%d/exposure-%d.fits' % (i % directories, i // directories % each, 1000 + i % 100, i) for i in range(count)]
start = time.perf_counter()
archived = 0
for path in paths:
    names = []
    for pattern, template in rules[path.split('/', 1)[0]]:
        if pattern.match(path):
            names.append(pattern.sub(template, path))
    if len(names) == 1:
        archived += 1
print(json.dumps({'seconds': time.perf_counter() - start, 'archived': archived}))
`;
  const ran = spawnSync('python3', ['-c', script], { input: JSON.stringify(section), encoding: 'utf8' });
  if (ran.status !== 0) throw new SetupError(`python3 is needed for this benchmark: ${ran.error ?? ran.stderr}`);
  return JSON.parse(ran.stdout);
}
