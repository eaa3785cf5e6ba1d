import { StowageError } from '../../errors.ts';
import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';
import { exit } from '../exit.ts';
import { jobsOf, jobsOption } from '../jobs.ts';
import { openProject } from '../open-project.ts';
import { pageOption, requirePage } from '../policy.ts';
import { sessionsOption } from '../sessions.ts';

export const reconcileCommand: Command = {
  name: 'reconcile',
  summary: 'Compare disk, record and store both ways',
  description:
    'Looks at the record and the store, then at the disks, then at store and record again, and tells what one has and another lacks: archives to make, changed, lost, altered or not recorded, objects that nothing explains, files that no rule or more than one maps, files that are gone from disk. What changed in between is told and not judged. Where more than the share of --brake of what is recorded has gone, nothing is believed: a disk or a store is rather not mounted than emptied. Changes nothing. Exit 1 if anything differs, 4 if something could not be looked at or the brake held.',
  arguments: [configArgument, sectionArgument],
  options: [
    {
      flags: '--brake <share>',
      description: 'stop if more than this share of the recorded files or archives has gone; 100% never stops',
      default: '5%',
    },
    jobsOption,
    sessionsOption,
    pageOption,
  ],
  examples: [
    'stowage reconcile survey.json data',
    'stowage reconcile survey.json data --brake 40%',
    'stowage reconcile survey.json data --json | jq -r \'select(.finding == "unexplained") | .archive\'',
  ],
  async *run(call) {
    requirePage(call);
    const brake = parseBrake(optionalText(call, 'brake') ?? '5%');
    const jobs = jobsOf(call);
    const [project, { reconcile }] = await Promise.all([
      openProject(call),
      import('../../verbs/reconcile/reconcile.ts'),
    ]);
    yield* reconcile(project, text(call, 'section'), { ...call.verb, jobs, brake });
  },
  statusOf: (event) => (event.kind === 'due' ? exit.incomplete : undefined),
};

function parseBrake(given: string): number {
  const [, percent = ''] = /^(\d+(?:\.\d+)?)%$/.exec(given.trim()) ?? [];
  if (percent !== '' && Number(percent) <= 100) return Number(percent) / 100;
  throw new StowageError('usage', `'${given}' is not a share`, { hint: 'a number from 0% to 100%: --brake 5%' });
}
