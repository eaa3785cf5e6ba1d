import { type Command, text } from '../command.ts';

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'Make a scratch system to try things on, without the real one',
  description:
    'A scratch HPSS is a folder, and an hsi and an htar that work on it and behave like the real ones, with their errors, limits and bad habits. What is printed can be given to a shell: eval "$(stowage sandbox hpss DIR)". For a folder that is one already, it says how much it was used. docs/sandbox.md tells what it can do, and how to make it fail.',
  arguments: [
    { name: 'system', description: 'which system: hpss', choices: ['hpss'] },
    { name: 'dir', description: 'its folder: new, empty, or a scratch system already' },
  ],
  options: [],
  examples: ['stowage sandbox hpss /tmp/hpss', 'stowage sandbox hpss /tmp/hpss --json'],
  async *run(call) {
    const { startHpss } = await import('../../sandbox/start.ts');
    yield { kind: 'sandbox', ...startHpss(text(call, 'dir')) };
  },
};
