import { type Argument, type Command, commonOptions, type Option } from './command.ts';
import { commands } from './commands.ts';
import { exitStatuses } from './exit.ts';

/** The reference page of the command line, docs/cli.md, from the same tables that the command line is made from. */
export function manual(): string {
  return `${[
    '# The command line',
    '<!-- Made by npm run docs from src/cli; a test fails where it is out of date. -->',
    'Results go to standard output; problems, hints and progress go to standard error. `stowage COMMAND --help` prints what stands here.',
    table(
      ['command', 'what it does'],
      commands.map(({ name, summary }) => [`[${name}](#${name})`, summary]),
    ),
    ...commands.flatMap(commandText),
    '## Options of every command',
    optionTable([...commonOptions, ...ownOptions]),
    '## Exit statuses',
    weights,
    table(
      ['status', 'meaning'],
      Object.values(exitStatuses).map(({ status, meaning }) => [String(status), meaning]),
    ),
  ].join('\n\n')}\n`;
}

/** Which exit status wins. */
export const weights =
  'Where several would be right, the one that weighs most is given: 130 over 70 over 3 over 2 over 5 over 4 over 1.';

/** Options that are not in the table, because the parser of the command line has them. */
export const ownOptions: readonly Option[] = [
  { flags: '-h, --help', description: 'print help' },
  { flags: '-V, --version', description: 'without a command: print the version' },
];

function commandText(command: Command): readonly string[] {
  const { name, description, examples } = command;
  const usage = ['stowage', name, ...command.arguments.map(argumentUsage), '[options]'].join(' ');
  return [
    `## ${name}`,
    fenced([usage]),
    prose(description),
    table(
      ['argument', 'meaning'],
      command.arguments.map((one) => [code(one.name), optionText(one)]),
    ),
    ...(command.options.length === 0 ? [] : [optionTable(command.options)]),
    fenced(examples),
  ];
}

/** An argument as it stands in a line of usage. */
export function argumentUsage({ name, optional, many }: Argument): string {
  const word = `${name}${many ? '...' : ''}`;
  return optional ? `[${word}]` : `<${word}>`;
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['option', 'meaning'],
    options.map((option) => [code(option.flags), optionText(option)]),
  );
}

function optionText({ description, choices, default: standard }: Omit<Option, 'flags'>): string {
  const facts = [
    ...(choices === undefined ? [] : [`one of ${choices.map(code).join(', ')}`]),
    ...(standard === undefined ? [] : [`default ${code(standard)}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}

/** Text without a meaning for Markdown. */
function prose(text: string): string {
  return text.replace(/[*[<]/g, '\\$&');
}

function fenced(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
