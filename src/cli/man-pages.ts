import { version } from '../version.ts';
import { type Argument, type Command, commonOptions, type Option } from './command.ts';
import { commands } from './commands.ts';
import { exitStatuses } from './exit.ts';
import { argumentUsage, ownOptions, weights } from './manual.ts';

/** The man pages by their file names: one of the program, one of each command, from the same tables that the command line is made from. */
export function manPages(): ReadonlyMap<string, string> {
  return new Map([
    ['stowage.1', programPage()],
    ...commands.map((command) => [`stowage-${command.name}.1`, commandPage(command)] as const),
  ]);
}

function programPage(): string {
  return page('stowage', 'archive files into deep storage, with proof', [
    heading('SYNOPSIS'),
    '.B stowage',
    `.I ${plain('command')}`,
    '[options]',
    heading('DESCRIPTION'),
    prose(
      'Stowage moves data from disks into deep storage, proves that every file arrived, says which archive holds what, and brings it back. A configuration says what is where, and by which rules files go into archives.',
    ),
    heading('COMMANDS'),
    ...commands.flatMap(({ name, summary }) => ['.TP', `.BR stowage\\-${hyphens(name)} (1)`, prose(summary)]),
    heading('OPTIONS'),
    'Every command has these.',
    ...[...commonOptions, ...ownOptions].flatMap(optionLines),
    heading('EXIT STATUS'),
    ...Object.values(exitStatuses).flatMap(({ status, meaning }) => ['.TP', `.B ${status}`, prose(meaning)]),
    '.PP',
    prose(weights),
    heading('FILES'),
    '.TP',
    '.I .stowage',
    'The record, beside the configuration: one journal for each run.',
    heading('SEE ALSO'),
    ...seeAlso(commands.map(({ name }) => `stowage-${name}`)),
  ]);
}

function commandPage({ name, summary, description, arguments: args, options, examples }: Command): string {
  return page(`stowage-${name}`, lowerFirst(summary), [
    heading('SYNOPSIS'),
    `.B stowage ${hyphens(name)}`,
    ...args.map((argument) => `.I ${plain(argumentUsage(argument))}`),
    '[options]',
    heading('DESCRIPTION'),
    prose(description),
    heading('ARGUMENTS'),
    ...args.flatMap((argument) => ['.TP', `.I ${plain(argument.name)}`, prose(told(argument))]),
    heading('OPTIONS'),
    ...options.flatMap(optionLines),
    ...(options.length === 0 ? [] : ['.PP']),
    'The options of every command are told by',
    '.BR stowage (1).',
    heading('EXAMPLES'),
    '.nf',
    ...examples.map(plain),
    '.fi',
    heading('EXIT STATUS'),
    'As',
    '.BR stowage (1)',
    'tells.',
    heading('SEE ALSO'),
    ...seeAlso(['stowage']),
  ]);
}

function page(name: string, summary: string, lines: readonly string[]): string {
  return `${[
    '.\\" Made by npm run docs from src/cli; a test fails where it is out of date.',
    `.TH ${hyphens(name.toUpperCase())} 1 "" "Stowage ${version}" "Stowage"`,
    heading('NAME'),
    `${hyphens(name)} \\-\n${prose(summary)}`,
    ...lines,
  ].join('\n')}\n`;
}

function heading(text: string): string {
  return `.SH ${text}`;
}

function optionLines(option: Option): readonly string[] {
  // Bold as it is typed, the value in italics.
  const spelt = plain(option.flags).replace(/<([^>]+)>/g, '\\fI$1\\fR\\fB');
  return ['.TP', `\\fB${spelt}\\fR`.replace('\\fR\\fB\\fR', '\\fR'), prose(told(option))];
}

function told({
  description,
  choices,
  ...rest
}: Pick<Option, 'description' | 'choices' | 'default'> | Argument): string {
  const standard = 'default' in rest ? rest.default : undefined;
  const facts = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(standard === undefined ? [] : [`default ${standard}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

function seeAlso(pages: readonly string[]): readonly string[] {
  return pages.map((name, at) => `.BR ${hyphens(name)} (1)${at < pages.length - 1 ? ',' : ''}`);
}

/** A line of text without a meaning for roff. */
function plain(text: string): string {
  return hyphens(text.replaceAll('\\', '\\e')).replace(/^([.'])/, '\\&$1');
}

/** A paragraph, in lines that are pleasant to compare. */
function prose(text: string): string {
  return text
    .replace(/(.{1,72})(?: |$)/g, '$1\n')
    .trimEnd()
    .split('\n')
    .map(plain)
    .join('\n');
}

/** Hyphens that can be copied into a shell. */
function hyphens(text: string): string {
  return text.replaceAll('-', '\\-');
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
