import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Check a configuration and tell all its problems at once',
  description:
    'Reads the configuration and says everything that is wrong or doubtful about it, each with its line, the keys that lead there and what was probably meant. That root, a disk or a section is not there is a warning, so that a file can be checked anywhere. Looks at no store. Exit 3 if there are errors.',
  arguments: [
    configArgument,
    {
      ...sectionArgument,
      optional: true,
      description: 'only the warnings of this section; an error anywhere stops every use of the file',
    },
  ],
  options: [],
  examples: ['stowage check survey.json', 'stowage check survey.json data --json | jq .message'],
  async *run(call) {
    const [{ inspectConfiguration }, { check }] = await Promise.all([
      import('../../open.ts'),
      import('../../verbs/check.ts'),
    ]);
    yield* check(await inspectConfiguration(text(call, 'config')), optionalText(call, 'section'));
  },
};
