import { type Command, configArgument, sectionArgument, text } from '../command.ts';
import { listingOf, listingOptions } from '../listing-options.ts';
import { openProject } from '../open-project.ts';
import { pageOption, policyOf, policyOptions, requirePage } from '../policy.ts';
import { sessionsOption } from '../sessions.ts';

export const archiveCommand: Command = {
  name: 'archive',
  summary: 'Store what the store lacks of a section, check it and record it',
  description:
    'Makes every archive that is missing, or whose members were added or changed: packs it, stores it, checks it, and records what is in it. Killed at any moment and run again, it goes on. Never changes anything under root.',
  arguments: [configArgument, sectionArgument],
  options: [
    { flags: '-n, --dry-run', description: 'print exactly what would be done, and do nothing' },
    ...listingOptions,
    ...policyOptions,
    sessionsOption,
    pageOption,
  ],
  examples: [
    'stowage archive survey.json data --dry-run',
    'stowage archive survey.json data',
    'stowage archive survey.json data --jobs 8',
  ],
  gentle: true,
  async *run(call) {
    requirePage(call);
    const policy = policyOf(call);
    const listing = listingOf(call);
    const [project, { archive }] = await Promise.all([openProject(call), import('../../verbs/archive/archive.ts')]);
    yield* archive(project, text(call, 'section'), {
      ...call.verb,
      ...listing,
      policy,
      dryRun: call.flags.dryRun === true,
    });
  },
};
