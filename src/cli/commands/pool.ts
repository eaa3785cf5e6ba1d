import { type Command, optionalText, text } from '../command.ts';
import { stageOptions, stageOptionsOf } from '../pool-stage-options.ts';

export const poolCommand: Command = {
  name: 'pool',
  summary: "Back up the machines of a pool, by Cedar Backup's configuration",
  description:
    'Does one action of a pool, as cback3 does: collect packs what this machine has into archives; stage brings what all machines have collected into the directory of the day, where only whole peers get in. The configuration is a cback3.conf, or the same structure as JSON (schema/pool.schema.json). docs/pool.md tells more.',
  arguments: [
    {
      name: 'action',
      description: 'what to do',
      choices: ['collect', 'stage'],
    },
    { name: 'conf', description: 'the configuration: a cback3.conf, or the same as JSON' },
  ],
  options: [{ flags: '--full', description: 'as on the first day of the week: everything, and anew' }, ...stageOptions],
  examples: ['stowage pool collect /etc/cback3.conf', 'stowage pool stage /etc/cback3.conf --wait 2h'],
  async *run(call) {
    const { poolAction } = await import('../../pool/pool-command.ts');
    yield* poolAction(text(call, 'action'), text(call, 'conf'), {
      full: call.flags.full === true,
      state: optionalText(call, 'state'),
      stage: stageOptionsOf(call),
      ...(call.verb.signal && { signal: call.verb.signal }),
    });
  },
};
