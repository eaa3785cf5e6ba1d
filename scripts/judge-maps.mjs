/**
 * `npm run judge:maps -- DIR`: runs recorded configurations over their recorded trees, and says of how many archives the files and the
 * directories are found, by the original and by Stowage. DIR holds a folder for each recording: `case.json` (`tree`, `argv`), `expected.json`
 * (`steps` with `stderr`, `cache_files`) and `input/config.json`. Exit 1 if any archive is lost. Outside of `npm test`: the maps that
 * HPSSPy ships are not part of this project.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from './bundle.mjs';
import { prepare, runScript, SetupError } from './prepare.mjs';

/** What stands for the folder of the recording, and what we put there. */
const [placeholder, place] = ['@W@', '/recorded'];

await runScript(async () => {
  const folder = process.argv[2];
  if (folder === undefined || !existsSync(folder)) throw new SetupError('usage: npm run judge:maps -- DIR');
  prepare();
  const rules = await ourRules();
  const recordings = readdirSync(folder)
    .sort()
    .flatMap((name) => recordingIn(join(folder, name), name));
  if (recordings.length === 0) throw new SetupError(`no recording of a map in '${folder}'`);
  const sums = new Map();
  for (const recording of recordings) {
    const { lost, archives, how } = judge(recording, rules);
    console.log(
      `${recording.name}: ${archives} archives; lost by the original ${recording.lost}, by Stowage ${lost.length}${how && ` (${how})`}`,
    );
    for (const one of lost) console.log(`  lost: ${one}`);
    const sum = sums.get(recording.project) ?? { archives: 0, original: 0, ours: 0 };
    sum.archives += archives;
    sum.original += recording.lost;
    sum.ours += lost.length;
    sums.set(recording.project, sum);
  }
  for (const [project, sum] of sums) {
    console.log(`${project}: the original loses ${sum.original} of ${sum.archives} archives, Stowage ${sum.ours}`);
  }
  return [...sums.values()].every(({ ours }) => ours === 0) ? 0 : 1;
});

function ourRules() {
  const names = ['configuration', 'rule-set', 'archive-directory'];
  return bundled(Object.fromEntries(names.map((name) => [name, `src/rules/${name}.ts`])));
}

/** A run of a map in test mode with what it found; none for any other recording. */
function recordingIn(folder, name) {
  const config = join(folder, 'input/config.json');
  if (!existsSync(config)) return [];
  const { argv, tree } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const { steps, cache_files: caches } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  if (argv?.length !== 1 || !argv[0].includes('-t')) return [];
  const section = argv[0].at(-1);
  const bytes = Buffer.from(readFileSync(config, 'utf8').replaceAll(placeholder, place));
  const settings = JSON.parse(bytes).__config__;
  const missing = JSON.parse(caches[`cache/missing_files_${section}.json`]);
  return {
    name,
    project: settings.hpss_root,
    section,
    bytes,
    paths: tree
      .filter(({ type = 'file' }) => type === 'file')
      .map(({ path }) => `${place}/${path}`)
      .filter((path) => path.startsWith(`${settings.root}/${section}/`))
      .map((path) => path.slice(`${settings.root}/${section}/`.length)),
    files: new Map(Object.entries(missing).map(([archive, { files }]) => [archive, [...files].sort()])),
    lost: steps[0].stderr.split('Could not find directories corresponding to').length - 1,
  };
}

/** What is not found: files that go elsewhere than recorded, archives whose directories do not hold their files. */
function judge({ bytes, section, paths, files }, { readConfiguration, ruleSet, directoryOfArchive }) {
  const { configuration, problems } = readConfiguration(bytes, 'config.json');
  if (configuration === undefined) {
    const errors = problems.filter(({ severity }) => severity === 'error');
    const lost = errors.map(({ where, message }) => `the configuration is refused: ${where}: ${message}`);
    return { lost, archives: files.size, how: 'not run' };
  }
  const lost = disagreements(ruleSet(configuration.sections.get(section)), paths, files);
  const ways = new Map();
  for (const [archive, members] of files) {
    const { base, directories, by } = directoryOfArchive(archive, members);
    ways.set(by, (ways.get(by) ?? 0) + 1);
    const below = (path, directory) => directory === '' || path.startsWith(`${directory}/`);
    const whole = members.every(
      (path) => below(path, base) && (directories.length === 0 || directories.some((one) => below(path, one))),
    );
    if (!whole) lost.push(`${archive}: its directories do not hold its files`);
  }
  return { lost, archives: files.size, how: [...ways].map(([by, count]) => `${by} ${count}`).join(', ') };
}

/** Files that go elsewhere than recorded. What the original put into several archives must be ambiguous. */
function disagreements(rules, paths, files) {
  const recorded = new Map(paths.map((path) => [path, []]));
  for (const [archive, members] of files) for (const path of members) recorded.get(path)?.push(archive);
  return [...recorded].flatMap(([path, archives]) => {
    const fate = rules.fateOf(path);
    const ours = fate.kind === 'archived' ? fate.archive : fate.kind;
    if (archives.length > 1 ? ours === 'ambiguous' : ours === archives[0]) return [];
    if (archives.length === 0 && fate.kind !== 'archived' && fate.kind !== 'ambiguous') return [];
    return [`${path}: recorded in ${archives.join(' and ') || 'no archive'}, here ${ours}`];
  });
}
