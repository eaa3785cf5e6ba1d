#!/usr/bin/env node
import { endTruly, standardStreams } from '../report/standard-streams.ts';
import { version } from '../version.ts';
import { sectionsCall } from './completion/sections-call.ts';
import { exit } from './exit.ts';

// Only what every start needs is loaded before it is known what is wanted.
const argv = process.argv.slice(2);
// What stands behind `grid`, and these before it, is read as alien.py reads it.
const grid = argv.findIndex((arg) => !['--json', '-json', '--debug', '-debug', '--insecure'].includes(arg));
if (argv[grid] === 'grid' && !['-h', '--help'].includes(argv[grid + 1] ?? '')) {
  const { runInProcess } = await import('../dropins/alien/process-main.ts');
  process.exitCode = await runInProcess('alien.py', [...argv.slice(0, grid), ...argv.slice(grid + 1)]);
} else {
  const streams = standardStreams('stowage');
  endTruly(streams, exit.unavailable);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    streams.out(`${version}\n`);
  } else if (argv[0] === sectionsCall && argv[1] !== undefined) {
    const { sectionNames } = await import('./completion/section-names.ts');
    streams.out(await sectionNames(argv[1]));
  } else {
    const [{ run }, { rawArguments }] = await Promise.all([import('./run.ts'), import('./raw-arguments.ts')]);
    process.exitCode = await run(rawArguments(argv), streams);
  }
}
