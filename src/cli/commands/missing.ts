import { type Command, configArgument, sectionArgument, text } from '../command.ts';
import { exit } from '../exit.ts';
import { listingOf, listingOptions } from '../listing-options.ts';
import { openProject } from '../open-project.ts';
import { pageOption, policyOf, policyOptions, requirePage } from '../policy.ts';
import { sessionsOption } from '../sessions.ts';

export const missingCommand: Command = {
  name: 'missing',
  summary: 'Say what the store lacks of a section',
  description:
    'Looks at the disks, the store and the record, and lists the archives that would have to be made, with the reason, and everything else that is not as it should be. Changes nothing. Exit 1 if anything is missing.',
  arguments: [configArgument, sectionArgument],
  options: [...listingOptions, ...policyOptions, sessionsOption, pageOption],
  examples: [
    'stowage missing survey.json data',
    'stowage missing survey.json data --json | jq -r \'select(.event == "due") | .archive\'',
  ],
  async *run(call) {
    requirePage(call);
    const policy = policyOf(call);
    const listing = listingOf(call);
    const [project, { missing }] = await Promise.all([openProject(call), import('../../verbs/missing.ts')]);
    yield* missing(project, text(call, 'section'), { ...call.verb, ...listing, policy });
  },
  statusOf: (event) => (event.kind === 'due' ? exit.incomplete : undefined),
};
