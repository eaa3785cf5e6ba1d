import { version } from '../../version.ts';
import { switches } from './switches.ts';

/** The help of cback3, as Stowage does it. */
export function usageText(): string {
  const rows = switches.map(({ letter, long, value, means }) => [
    `-${letter}, --${long}${value === undefined ? '' : ` <${value}>`}`,
    means,
  ]);
  const width = Math.max(...rows.map(([form]) => form!.length));
  return [
    '',
    ' Usage: cback3 [switches] action(s)',
    '',
    ' Switches, which come first:',
    '',
    ...rows.map(([form, means]) => `   ${form!.padEnd(width)}  ${means}`),
    '',
    ' Actions, done in this order whatever the order here:',
    '',
    '   collect     pack what this machine has into archives',
    '   stage       bring the archives of all peers here',
    '   store       write the staged day to a disc or image, and read it back',
    '   purge       remove what is old and has a copy',
    '   all         all of these',
    '   rebuild     write the whole week to a disc that is begun anew',
    '   initialize  begin an empty rewritable disc',
    '   validate    look whether this machine is as the configuration needs it',
    '',
    ' and the extensions that the configuration names.',
    '',
    '',
  ].join('\n');
}

export function versionText(): string {
  return `\n Stowage ${version}, in the place of cback3.\n Apache License 2.0. There is no warranty.\n\n`;
}

/** What a report of a fault should say. */
export function diagnosticsText(now: Date): string {
  const facts = [
    ['Version', `Stowage ${version}`],
    ['Node', process.versions.node],
    ['Platform', `${process.platform} ${process.arch}`],
    ['Locale', process.env.LC_ALL ?? process.env.LANG ?? 'C'],
    ['Time', now.toString()],
  ];
  return `\nDiagnostics:\n\n${facts.map(([name, value]) => `   ${name!.padEnd(10, '.')}: ${value}`).join('\n')}\n\n`;
}
