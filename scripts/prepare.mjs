/**
 * Makes a fresh clone ready: packages in node_modules, and dist built from the sources that are there. Node built-ins only.
 * Says in one line what it does, and nothing if all is there. Two at once wait for each other.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const lockFile = join(root, '.prepare-lock');

/** What cannot go on, told in plain words; the caller prints the message and ends with status 1. */
export class SetupError extends Error {}

/** Checks Node, installs packages and builds, each only if it must. Throws `SetupError`. */
export function prepare() {
  checkNode();
  if (packagesAreThere() && isBuilt()) return;
  checkWritable();
  const release = takeLock();
  try {
    if (!packagesAreThere()) install();
    if (!isBuilt()) build();
  } finally {
    release();
  }
}

/** Runs a script's main function; a failure that is explained ends with status 1 and without a stack trace. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `Stowage needs Node.js 20.19 or newer; this is ${process.versions.node}.\nInstall a newer one (https://nodejs.org) and run the same command again.`,
  );
}

function checkWritable() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new SetupError(
      `Packages must be installed or dist must be built, but '${root}' cannot be written by this user.\nRun this once as its owner, or work in a copy of your own: git clone '${root}' stowage`,
    );
  }
}

/** True if what npm installed is what package-lock.json asks for; what is optional (other platforms) may be absent. */
function packagesAreThere() {
  const wanted = readJson(join(root, 'package-lock.json'));
  const there = readJson(join(root, 'node_modules/.package-lock.json'));
  if (wanted === undefined)
    throw new SetupError(`'${join(root, 'package-lock.json')}' is missing or damaged: clone again.`);
  if (there === undefined) return false;
  return Object.entries(wanted.packages).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const one = there.packages[path];
    return one === undefined ? optional === true : one.version === version && one.integrity === integrity;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function install() {
  say('installing the packages of package-lock.json …');
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const result = spawnSync(program, [...first, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status === 0) return;
  throw new SetupError(
    `npm ci failed:\n${told(result)}\nWithout a network: copy node_modules from a machine that has one (same Node version and platform), or name a mirror with\n  npm config set registry URL\nand run the same command again.`,
  );
}

/** What dist was built from: the content of every source and setting, and the builder. */
function sourceHash() {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  for (const path of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsdown.config.ts']) add(path);
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  for (const path of sources.sort()) add(path);
  return hash.digest('hex');
}

function isBuilt() {
  try {
    return readFileSync(join(root, 'dist/.built'), 'utf8') === sourceHash();
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw new SetupError(`dist cannot be looked at: ${error.message}`);
  }
}

/** Builds beside dist and takes its place, so that a failed or killed build leaves the old one. */
function build() {
  say('building dist …');
  for (const name of readdirSync(root)) {
    if (name.startsWith('.build-')) rmSync(join(root, name), { recursive: true, force: true });
  }
  const fresh = join(root, `.build-${process.pid}`);
  const old = join(root, `.build-${process.pid}-old`);
  const hash = sourceHash();
  const tsdown = join(root, 'node_modules/tsdown', readJson(join(root, 'node_modules/tsdown/package.json')).bin.tsdown);
  const result = spawnSync(process.execPath, [tsdown, '--out-dir', fresh], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new SetupError(`the build failed:\n${told(result)}`);
  }
  writeFileSync(join(fresh, '.built'), hash);
  try {
    renameSync(join(root, 'dist'), old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw new SetupError(`cannot replace dist: ${error.message}`);
  }
  renameSync(fresh, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
}

function told({ error, stdout, stderr, signal }) {
  if (error !== undefined) return error.message;
  return [stdout, stderr, signal === null ? '' : `ended by ${signal}`]
    .map((part) => part.trim())
    .filter(Boolean)
    .join('\n');
}

/** A file with our process id: waits for a holder that lives, and takes over from one that does not. */
function takeLock() {
  const mine = `${lockFile}.${process.pid}`;
  const giveUp = Date.now() + 600_000;
  for (let told = false; ; ) {
    try {
      writeFileSync(mine, `${process.pid}\n`);
      // A link appears whole: nobody reads a lock that has no process id yet.
      linkSync(mine, lockFile);
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw new SetupError(`cannot write in '${root}': ${error.message}`);
    } finally {
      rmSync(mine, { force: true });
    }
    const holder = readLock();
    if (holder === undefined) continue;
    if (!lives(Number(holder))) {
      removeStale(holder);
      continue;
    }
    if (Date.now() > giveUp) {
      throw new SetupError(
        `process ${holder.trim()} has held '${lockFile}' for ten minutes.\nIf it is no set-up of Stowage: rm '${lockFile}'`,
      );
    }
    if (!told) say(`waiting for another set-up of this folder (process ${holder.trim()}) …`);
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function readLock() {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch {
    return undefined;
  }
}

function lives(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Another process may have taken over meanwhile: then what was moved away is its lock, and goes back. */
function removeStale(holder) {
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    renameSync(lockFile, aside);
    if (readFileSync(aside, 'utf8') !== holder) linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runScript(() => prepare());
