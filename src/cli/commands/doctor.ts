import { type Command, configArgument, optionalText } from '../command.ts';
import { closesAtEnd, openOptions } from '../open-project.ts';
import { sessionsOption } from '../sessions.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Examine this machine and, with a configuration, its disks and its store',
  description:
    'Looks at Node, memory and limits; with a configuration at its folders too: that they can be read or written, how much is free, clocks, names, hard links and fsync; and tries everything that a store must do in a scratch folder of the real store, away from what it holds. All that was made is removed again, also after Ctrl-C; what a killed run of doctor left on a disk, the next one removes. Exit 1 if there is a problem, 4 if something could not be looked at; warnings are 0; a configuration that cannot be used is exit 3.',
  arguments: [
    { ...configArgument, optional: true, description: `${configArgument.description}; without it, only this machine` },
  ],
  options: [sessionsOption],
  examples: ['stowage doctor', 'stowage doctor survey.json', 'stowage doctor survey.json --json'],
  async *run(call) {
    const [{ openConfiguration }, { doctor }] = await Promise.all([
      import('../../open.ts'),
      import('../../verbs/doctor/doctor.ts'),
    ]);
    const config = optionalText(call, 'config');
    const options = openOptions(call);
    const openIt = async (path: string) => {
      const opened = await openConfiguration(path, options);
      closesAtEnd(call, opened);
      return opened;
    };
    const open = config === undefined ? {} : { open: () => openIt(config) };
    yield* doctor({ ...call.verb, ...open });
  },
};
