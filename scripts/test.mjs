/**
 * `npm test`: everything that must hold. Types, formatting and lint, then the tests; arguments go to Vitest (`npm test -- src/pack`).
 * The last line is always `N passed, N failed, N skipped`. A check that fails counts as one failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJudges } from './judges.mjs';
import { prepare, root, SetupError } from './prepare.mjs';

const ci = !['', '0', 'false', undefined].includes(process.env.CI);
const say = (line) => process.stderr.write(`${line}\n`);
const total = { passed: 0, failed: 0, skipped: 0 };
// Ctrl-C reaches the running child too; we stay to tell the count.
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
});

try {
  await testAll(process.argv.slice(2));
} catch (error) {
  total.failed += 1;
  say(error instanceof SetupError ? error.message : String(error?.stack ?? error));
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = interrupted ? 130 : total.failed === 0 ? 0 : 1;

async function testAll(args) {
  prepare();
  const absent = findJudges(say);
  if (absent.length > 0) {
    if (ci) throw new SetupError('With CI=true nothing may be skipped: install these programs first.');
    say('The tests that need them are skipped.');
  }
  await check('types', ['node_modules/typescript/bin/tsc', '--noEmit']);
  await check('format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']);
  if (!interrupted) await vitest(args);
}

async function check(name, args) {
  if (interrupted) return;
  const status = await node(args);
  if (status === 0) return;
  total.failed += 1;
  say(`${name}: failed (${status})`);
}

async function vitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-npm-test-'));
  try {
    const file = join(folder, 'results.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const status = await node(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args]);
    const { passed, failed, skipped } = counts(file);
    total.passed += passed;
    total.skipped += skipped;
    // A crash, an unhandled error or no test at all is a failure that no test reports.
    const unexplained = failed === 0 && (status !== 0 || passed + skipped === 0);
    total.failed += unexplained ? 1 : failed;
    if (unexplained) say(`the tests did not end well (${status})`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests by outcome; a file that could not even be loaded counts as one failed. Nothing if Vitest left no results. */
function counts(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const unloaded = results.testResults.filter(
    (one) => one.status === 'failed' && !one.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** The exit status, or the signal that ended the child. */
function node(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(signal ?? status));
  });
}
