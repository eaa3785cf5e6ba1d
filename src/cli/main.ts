#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { version } from '../version.ts';
import { sectionsCall } from './completion/sections-call.ts';

// Only what every start needs is loaded before it is known what is wanted.
const argv = process.argv.slice(2);
// What stands behind `grid`, and these before it, is read as alien.py reads it.
const grid = argv.findIndex((arg) => !['--json', '-json', '--debug', '-debug', '--insecure'].includes(arg));
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else if (argv[0] === sectionsCall && argv[1] !== undefined) {
  const { sectionNames } = await import('./completion/section-names.ts');
  process.stdout.write(await sectionNames(argv[1]));
} else if (argv[grid] === 'grid' && !['-h', '--help'].includes(argv[grid + 1] ?? '')) {
  const { runInProcess } = await import('../dropins/alien/process-main.ts');
  process.exitCode = await runInProcess('alien.py', [...argv.slice(0, grid), ...argv.slice(grid + 1)]);
} else {
  // A reader that has enough (`| head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4));
  const [{ run }, { rawArguments }] = await Promise.all([import('./run.ts'), import('./raw-arguments.ts')]);
  const status = await run(rawArguments(argv), {
    out: (text) => process.stdout.write(text),
    err: (text) => writeAll(2, text),
  });
  process.exitCode = status;
}

function writeAll(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // Nowhere to say it; the exit status still tells.
  }
}
