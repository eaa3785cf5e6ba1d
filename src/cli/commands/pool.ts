import { type Command, optionalText, text } from '../command.ts';

export const poolCommand: Command = {
  name: 'pool',
  summary: "Back up the machines of a pool, by Cedar Backup's configuration",
  description:
    'Does one action of a pool, as cback3 does: collect packs what this machine has into archives. The configuration is a cback3.conf, or the same structure as JSON (schema/pool.schema.json). docs/pool.md tells more.',
  arguments: [
    {
      name: 'action',
      description: 'what to do',
      choices: ['collect'],
    },
    { name: 'conf', description: 'the configuration: a cback3.conf, or the same as JSON' },
  ],
  options: [{ flags: '--full', description: 'as on the first day of the week: everything, and anew' }],
  examples: ['stowage pool collect /etc/cback3.conf'],
  async *run(call) {
    const { poolAction } = await import('../../pool/pool-command.ts');
    yield* poolAction(text(call, 'action'), text(call, 'conf'), {
      full: call.flags.full === true,
      state: optionalText(call, 'state'),
      ...(call.verb.signal && { signal: call.verb.signal }),
    });
  },
};
