import { realFiles } from '../../src/durable/real-files.ts';
import { openConfiguration } from '../../src/open.ts';
import { archive } from '../../src/verbs/archive/archive.ts';
import { projectOf } from '../../src/verbs/project.ts';
import { steppedFiles } from '../failing-files.ts';

// A process that archives and kills itself, by the signal that cannot be caught, before its n-th durable step.
const [config, section, at, torn] = process.argv.slice(2);
const files = steppedFiles(realFiles, {
  before: (step) => {
    if (step === Number(at)) process.kill(process.pid, 'SIGKILL');
  },
  tornAt: torn === 'torn' ? Number(at) : undefined,
});
const project = projectOf(await openConfiguration(config!, { files }), { files });
for await (const _ of archive(project, section!, { policy: { sizeLimit: 1e12, allowShrink: false } }));
process.stdout.write('not killed\n');
