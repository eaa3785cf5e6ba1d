import { type Command, text } from '../command.ts';

export const completionCommand: Command = {
  name: 'completion',
  summary: 'Print a script that completes commands in a shell',
  description:
    'Completes commands, options, their values, files, and the sections of the configuration that is already typed. Put the line of the example into the file that your shell reads when it starts; the script itself says where else it can go.',
  arguments: [{ name: 'shell', description: 'for which shell', choices: ['bash', 'zsh', 'fish'] }],
  options: [],
  examples: [
    "echo 'source <(stowage completion bash)' >>~/.bashrc",
    "echo 'source <(stowage completion zsh)' >>~/.zshrc",
    "echo 'stowage completion fish | source' >>~/.config/fish/config.fish",
  ],
  async *run(call) {
    const [{ shapesOf }, { bashScript }, { zshScript }, { fishScript }] = await Promise.all([
      import('../completion/shape.ts'),
      import('../completion/bash.ts'),
      import('../completion/zsh.ts'),
      import('../completion/fish.ts'),
    ]);
    const shell = text(call, 'shell') as 'bash' | 'zsh' | 'fish';
    const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
    yield { kind: 'script', shell, text: script(shapesOf(call.commands)) };
  },
};
