import { readFileSync } from 'node:fs';
import { readPoolConfiguration } from '../../src/pool/configuration/read-pool-configuration.ts';
import { executeStage } from '../../src/pool/staging/execute-stage.ts';
import { steppedFiles } from '../failing-files.ts';
import { quickFiles } from '../small-project.ts';

// A process that stages and kills itself, by the signal that cannot be caught, before its n-th durable step.
const [folder, at] = process.argv.slice(2);
const files = steppedFiles(quickFiles, {
  before: (step) => {
    if (step === Number(at)) process.kill(process.pid, 'SIGKILL');
  },
});
const { configuration } = readPoolConfiguration(readFileSync(`${folder}/cback3.conf`), 'cback3.conf');
const clock = { now: () => new Date(2026, 10, 18, 12) };
const run = { configuration: configuration!, full: false, clock, files, stateDir: `${folder}/state` };
for await (const _ of executeStage(run, { jobs: 1 }));
process.stdout.write('not killed\n');
