/**
 * `npm start`: the demo. `npm start -- CONFIG SECTION [OPTIONS]`: the same on a tree of your own, of which nothing is changed.
 * Every step's status is checked; the first that fails ends it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeDemo } from './demo-survey.mjs';
import { prepare, root, runScript, SetupError } from './prepare.mjs';
import { commandLine, here, quoted, StepFailed, stowage, stowageEvents, title, typed } from './steps.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
// Ctrl-C reaches the running command too, which says how to go on.
process.on('SIGINT', () => {});

await runScript(async () => {
  const args = process.argv.slice(2);
  if (args.length === 1 || args[0]?.startsWith('-')) {
    throw new SetupError(
      'usage: npm start                                  a demo\n       npm start -- CONFIG SECTION [OPTIONS]      your own tree',
    );
  }
  prepare();
  try {
    return args.length === 0 ? await demo() : await ownTree(args);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return error.status;
  }
});

async function demo() {
  const started = Date.now();
  const config = typed(join(root, 'demo/config.json'));
  const vault = typed(join(root, 'demo/vault'));
  const tree = typed(join(root, 'demo/survey/data'));
  say(`making a survey under ${typed(join(root, 'demo'))} …`);
  const { files, bytes } = makeDemo(join(root, 'demo'));
  say(`${files} files, ${(bytes / 1e6).toFixed(0)} MB; ${config} says which archive each belongs in`);

  await stowage(['archive', config, 'data']);
  say('What is missing now? Nothing:');
  await stowage(['missing', config, 'data']);
  await stowage(['verify', config, 'data', '--level', 'read']);

  const lost = 'raw/20240113/exposure-0079.fits';
  const path = join(root, 'demo/survey/data', lost);
  await stowage(['find', config, 'exposure-0079']);
  const before = { bytes: readFileSync(path), ...attributes(path) };
  title(`$ rm ${quoted(typed(path))}`);
  rmSync(path);
  await stowage(['restore', config, 'data', lost]);
  const differences = differencesOf(before, { bytes: readFileSync(path), ...attributes(path) });
  if (differences.length > 0) throw new StepFailed(`the restored file is not as it was: ${differences.join(', ')}`, 1);
  say(`the same as before: ${before.bytes.length} bytes, mode, modification time`);

  title(`All of it in ${((Date.now() - started) / 1000).toFixed(1)} s. What to try next:`);
  const next = [
    commandLine(['status', config]),
    commandLine(['find', config, '*.csv']),
    commandLine(['restore', config, 'data', 'notes', '--to', join(tmpdir(), 'notes')]),
    `tar tvf ${quoted(join(vault, 'data/raw/raw_20240110.tar'))}    # archives are plain tar`,
    `echo new > ${quoted(join(tree, 'calib/bad-pixels.dat'))}; ${commandLine(['missing', config, 'data'])}`,
    `rm -r ${quoted(typed(join(root, 'demo/.stowage')))}; ${commandLine(['rebuild-catalog', config])}    # from the store alone`,
    'npm start -- CONFIG SECTION    # your own tree; nothing in it is changed',
  ];
  for (const command of next) say(`  ${command}`);
  return 0;
}

function attributes(path) {
  const { mode, mtimeNs } = lstatSync(path, { bigint: true });
  return { mode, mtimeNs };
}

/** Node can set times to the microsecond and no closer. */
function differencesOf(before, after) {
  const apart = before.mtimeNs - after.mtimeNs;
  return [
    before.bytes.equals(after.bytes) ? undefined : 'its bytes',
    before.mode === after.mode ? undefined : `its mode (${before.mode.toString(8)} was, ${after.mode.toString(8)} is)`,
    apart > -1000n && apart < 1000n
      ? undefined
      : `its modification time (${before.mtimeNs} ns was, ${after.mtimeNs} ns is)`,
  ].filter((one) => one !== undefined);
}

async function ownTree([config, section, ...options]) {
  const { forArchive, forAll } = split(options);
  // Finished, with something that is not as it should be (an unmapped file, for example): told, and the rest is still shown.
  const allowed = [0, 1];
  const statuses = [await stowage(['archive', config, section, ...forArchive, ...forAll], { allowed })];
  if (forArchive.includes('--dry-run')) return statuses[0];
  statuses.push(await stowage(['missing', config, section, ...forAll], { allowed }));
  statuses.push(await stowage(['verify', config, section, '--level', 'read', ...forAll], { allowed }));
  await restoreOne(config, section, forAll);
  const worst = Math.max(...statuses);
  title(worst === 0 ? 'All is archived, verified, and comes back.' : 'Not all is as it should be: see above.');
  return worst;
}

/** Options that only archive knows, and those that every command knows. */
function split(options) {
  const forArchive = [];
  const forAll = [];
  for (let at = 0; at < options.length; at += 1) {
    if (options[at] === '--size-limit') forArchive.push(options[at], options[++at]);
    else if (/^--(dry-run|allow-shrink|size-limit=.*)$/.test(options[at])) forArchive.push(options[at]);
    else forAll.push(options[at]);
  }
  return { forArchive, forAll };
}

async function restoreOne(config, section, options) {
  const one = await someFile(config, section, options);
  if (one === undefined) {
    say('no regular file is archived yet, so there is none to restore');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'stowage-start-'));
  try {
    const place = ['--archive', one.archive.slice(section.length + 1), '--to', folder];
    await stowage(['restore', config, section, ...place, ...options, '--', one.path]);
    const restored = join(folder, one.path);
    const original = originalOf(config, section, one.path);
    if (original === undefined) {
      say(`restored, and equal to its digest; the original is not under root any more, or cannot be read there`);
      return;
    }
    if ((await sha256(restored)) === (await sha256(original))) say(`the same as ${original}`);
    else if (String(lstatSync(original, { bigint: true }).size) !== String(one.bytes)) {
      say(`${original} was changed since it was archived; what was restored is what was archived`);
    } else
      throw new StepFailed(
        `what was restored is not what lies at ${original}, unless that was changed since it was archived`,
        1,
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A regular file with a content and a name that an argument can carry, best not a large one. */
async function someFile(config, section, options) {
  const enough = 64 * 1024 * 1024;
  let best;
  await stowageEvents(
    ['find', config, '*', '--section', section, ...options.filter((one) => one !== '--json')],
    (event) => {
      if (event.event !== 'found' || event.type !== 'file' || event.pathBase64 !== undefined || event.bytes === 0)
        return;
      if (best === undefined || (best.bytes > enough && event.bytes < best.bytes)) best = event;
    },
  );
  return best;
}

/** Where the file lies under root, if it is there and readable. */
function originalOf(config, section, path) {
  try {
    const original = join(JSON.parse(readFileSync(resolve(here, config), 'utf8')).__config__.root, section, path);
    return lstatSync(original).isFile() ? original : undefined;
  } catch {
    return undefined;
  }
}

async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
