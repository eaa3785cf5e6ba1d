/**
 * `missing_from_hpss -t` against a Python program that does the steps of HPSSPy as its specification has them: walk and stat, write the disk cache,
 * read it again, match every pattern of a file's directory, substitute, write the missing file, and say the commands. HPSSPy itself is no part of this.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const directories = 8;

/** Whole command without caches, so many times as fast as `wanted`; and if there are to be rows, with the disk cache there, and the map of a large disk cache, whose files need not exist. */
export async function hpsspy(
  work,
  { files, wanted: least, rows, rounds },
  { observed, timed, median, root, SetupError },
) {
  // Each start of Node 20 reads those certificates, for nothing.
  delete process.env.NODE_EXTRA_CA_CERTS;
  const command = join(root, 'dist/missing-from-hpss.mjs');
  const python = join(work, 'steps.py');
  writeFileSync(python, pythonSteps);
  writeFileSync(join(work, 'config.json'), JSON.stringify(configuration(join(work, 'tree'))));
  makeTree(join(work, 'tree/data'), files);
  const results = [];
  const compare = async (name, { fresh, wanted, ...sides }) => {
    const times = { ours: [], theirs: [] };
    let peak = 0;
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
        fresh(join(work, side));
        // What the making of the tree, and the round before, left to be written must not be charged to this one.
        spawnSync('sync');
        const argv = sides[side];
        const run = side === 'ours' ? await observed(argv) : { seconds: await timed('python3', argv) };
        if (round > 0) times[side].push(run.seconds);
        if (side === 'ours') peak = Math.max(peak, run.peakBytes);
      }
    }
    const [ours, theirs] = [median(times.ours), median(times.theirs)];
    results.push({
      ...{
        name: `missing_from_hpss: ${name}`,
        baseline: 'the same steps in Python',
        ours,
        theirs,
        ratio: theirs / ours,
        peak,
      },
      ...{ good: theirs / ours >= wanted, wanted: `at least ${wanted}`, rounds },
    });
  };
  const argvOf = (section, ...test) => ({
    ours: [command, ...test, '-c', join(work, 'ours'), join(work, 'config.json'), section],
    theirs: [python, join(work, 'config.json'), section, join(work, 'theirs')],
  });
  for (const side of ['ours', 'theirs']) mkdirSync(join(work, side));
  const empty = (cache) => {
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache);
  };
  const spell = (number) => number.toLocaleString('en-US');
  await compare(`${spell(files)} files, no caches`, { ...argvOf('data', '-t'), fresh: empty, wanted: least });
  if (rows === undefined) {
    sameCaches(work, SetupError);
    return results;
  }
  await compare(`${spell(files)} files, disk cache`, { ...argvOf('data', '-t'), fresh: () => undefined, wanted: 3 });
  sameCaches(work, SetupError);
  for (const side of ['ours', 'theirs']) makeCache(join(work, side, 'disk_files_large.csv'), rows);
  // Nothing is asked of HPSS: its cache says that it holds nothing.
  writeFileSync(join(work, 'ours/hpss_files_large.csv'), 'Name,Size,Mtime\r\n');
  await compare(`a disk cache of ${spell(rows)} rows`, { ...argvOf('large'), fresh: () => undefined, wanted: 6 });
  return results;
}

/** 40 patterns, five for each directory. The section `large` has the same rules, and no files. */
function configuration(root) {
  const rules = {};
  for (let number = 0; number < directories; number += 1) {
    const d = `d${number}`;
    rules[d] = {
      [`${d}/raw/([0-9]{3})/[^/]+\\.fits$`]: `${d}/raw/raw_\\1.tar`,
      [`${d}/red/([0-9]{2})([0-9])/[^/]+\\.fits$`]: `${d}/red/red_\\1X.tar`,
      [`${d}/cal/.*$`]: `${d}/cal.tar`,
      [`${d}/tmp/.*$`]: 'EXCLUDE',
      [`${d}/([^/]+\\.txt)$`]: `${d}/\\1`,
    };
  }
  const section = { __exclude__: [], ...rules };
  return { __config__: { root, hpss_root: '/hpss/bench', physical_disks: false }, data: section, large: section };
}

/** The names of the files, a folder of a thousand after the other. */
function* names(count) {
  const kinds = ['raw', 'red', 'cal', 'raw', 'tmp'];
  for (let number = 0; number < count; number += 1) {
    const folder = Math.floor(number / 1000);
    const inner = String(Math.floor(folder / directories) % 1000).padStart(3, '0');
    const kind = kinds[Math.floor(folder / directories) % kinds.length];
    yield [`d${folder % directories}/${kind}/${inner}`, `frame-${String(number).padStart(8, '0')}.fits`];
  }
}

function makeTree(folder, count) {
  let last = '';
  for (const [directory, name] of names(count)) {
    if (directory !== last) mkdirSync(join(folder, directory), { recursive: true });
    last = directory;
    closeSync(openSync(`${folder}/${directory}/${name}`, 'w'));
  }
  for (let number = 0; number < directories; number += 1) {
    writeFileSync(join(folder, `d${number}`, 'README.txt'), 'x');
  }
}

function makeCache(path, count) {
  const file = openSync(path, 'w');
  let text = 'Name,Size,Mtime\r\n';
  for (const [directory, name] of names(count)) {
    text += `${directory}/${name},1048576,1600000000\r\n`;
    if (text.length < 1 << 20) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}

/** To be fast and to do something else would be no speed. */
function sameCaches(work, SetupError) {
  for (const name of ['disk_files_data.csv', 'missing_files_data.json']) {
    const [ours, theirs] = ['ours', 'theirs'].map((side) => statSync(join(work, side, name)).size);
    if (ours !== theirs) throw new SetupError(`${name}: ${ours} and ${theirs} bytes`);
  }
}

const pythonSteps = String.raw`
import csv, json, os, re, sys

config, section, cache = sys.argv[1:4]
with open(config) as f:
    settings = json.load(f)
root = os.path.join(settings['__config__']['root'], section)
rules = {}
for directory, patterns in settings[section].items():
    if directory != '__exclude__':
        rules[directory] = [(re.compile(p), name) for p, name in patterns.items()]
excluded = frozenset(settings[section]['__exclude__'])
listing = os.path.join(cache, 'disk_files_%s.csv' % section)
if not os.path.exists(listing):
    with open(listing, 'w', newline='') as f:
        out = csv.writer(f)
        out.writerow(['Name', 'Size', 'Mtime'])
        for folder, below, files in os.walk(root):
            for name in files:
                full = os.path.join(folder, name)
                if not os.path.islink(full):
                    s = os.stat(full)
                    out.writerow([full.replace(root + '/', ''), s.st_size, int(s.st_mtime)])
archives = {}
used = {}
unmapped = 0
with open(listing, newline='') as f:
    for row in csv.DictReader(f):
        name = row['Name']
        if name in excluded:
            continue
        directory = name.split('/')[0] if '/' in name else '__top__'
        mapped = 0
        for pattern, target in rules.get(directory, ()):
            if pattern.match(name) is None:
                continue
            mapped += 1
            used[pattern.pattern] = used.get(pattern.pattern, 0) + 1
            if target in ('EXCLUDE', 'AUTOMATED'):
                continue
            archive = pattern.sub(target, name)
            if archive in archives:
                archives[archive]['files'].append(name)
                archives[archive]['size'] += int(row['Size'])
            else:
                archives[archive] = {'files': [name], 'size': int(row['Size']), 'newer': False, 'exists': False}
        if mapped != 1:
            unmapped += 1
missing = os.path.join(cache, 'missing_files_%s.json' % section)
with open(missing, 'w') as f:
    json.dump(archives, f, indent=2, separators=(',', ': '))
with open(missing) as f:
    archives = json.load(f)
for archive in archives:
    base = os.path.basename(archive).split('.')[0]
    where = os.path.join(root, os.path.dirname(archive))
    sys.stderr.write('%s %s %s\n' % (archive, base, os.path.isdir(os.path.join(where, base))))
`;
