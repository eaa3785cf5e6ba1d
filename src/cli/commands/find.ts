import { StowageError } from '../../errors.ts';
import { type Call, type Command, configArgument, optionalText } from '../command.ts';
import { exit } from '../exit.ts';
import { parseMoment } from '../moment.ts';
import { alsoOption, openProjects } from '../open-project.ts';
import { parseSizeRange } from '../size.ts';

export const findCommand: Command = {
  name: 'find',
  summary: 'Say which archive holds a file, and since when',
  description:
    "Searches the record, without touching the store. A pattern with *, ? or [ is a glob: over the last part of the path, or over all of it if the pattern has a slash (** crosses slashes). Any other pattern is a part of the path. With --regex it is a pattern of Python's re, found anywhere in the path. All conditions must hold, and one at least must be given. A record of more than 200,000 files is searched by an index in the state folder, which is made when it is first needed. With --also several configurations are asked at once, also those of pools (their days in a store), and each line says which one holds the file and in which store; with -v also the command that brings it back. A record that cannot be read is told, and the others are searched all the same. Finding nothing is exit 1.",
  arguments: [configArgument, { name: 'pattern', description: 'a glob, or a part of the path', optional: true }],
  options: [
    { flags: '--section <section>', description: 'only in this section' },
    { flags: '--regex', description: "the pattern is one of Python's re" },
    { flags: '--size <size>', description: '+10M: more than 10 MiB, -1k: less than 1 KiB, 4096: exactly that' },
    { flags: '--newer <date>', description: 'changed at this time or later: 2024-01-31, or 2024-01-31T12:00:00Z' },
    { flags: '--older <date>', description: 'changed before this time' },
    { flags: '--archive <name>', description: 'only in archives whose name fits this glob' },
    { flags: '--limit <number>', description: 'stop after so many' },
    {
      flags: '-0, --print0',
      description:
        'print the paths alone, relative to the section, each ended by a NUL: for restore --files-from; needs --section',
    },
    alsoOption,
  ],
  examples: [
    "stowage find survey.json '*.fits'",
    'stowage find survey.json raw/20240101',
    "stowage find survey.json 'spectra/**/coadd-*' --section data",
    "stowage find survey.json --regex '_(0[1-9]|1[0-2])\\.fits$' --newer 2024-01-01",
    'stowage find survey.json --size +1G --limit 20',
    "stowage find survey.json '*.fits' --section data -0 | stowage restore survey.json data --files-from -",
    "stowage find tape/survey.json '*.fits' --also disc/survey.json grid/survey.json",
  ],
  onlyTells: true,
  async *run(call) {
    const section = optionalText(call, 'section');
    const pattern = optionalText(call, 'pattern');
    const archive = optionalText(call, 'archive');
    const size = optionalText(call, 'size');
    const conditions = {
      ...(section === undefined ? {} : { section }),
      ...(pattern === undefined ? {} : { pattern }),
      ...(archive === undefined ? {} : { archive }),
      ...(size === undefined ? {} : { bytes: parseSizeRange(size) }),
      ...times(call),
      ...limit(call),
    };
    if (call.flags.regex === true && pattern === undefined)
      throw new StowageError('usage', '--regex needs a pattern', { hint: "stowage find CONFIG --regex '\\.fits$'" });
    checkPrint0(call);
    const [{ projects, failed }, { find }] = await Promise.all([
      openProjects(call),
      import('../../verbs/search/find.ts'),
    ]);
    yield* failed;
    yield* find(projects, { ...call.verb, ...conditions, regex: call.flags.regex === true });
  },
  expects: { kind: 'found', status: exit.incomplete, message: 'no recorded file fits' },
};

/** Paths that do not say of which section they are would be restored from another one. */
function checkPrint0(call: Call): void {
  if (call.flags.print0 !== true) return;
  const problem =
    call.flags.section === undefined
      ? '--print0 needs --section: its paths are relative to one'
      : call.flags.also !== undefined
        ? '--print0 and --also exclude each other: a list is about one configuration'
        : call.flags.json === true
          ? '--print0 and --json exclude each other'
          : undefined;
  if (problem !== undefined)
    throw new StowageError('usage', problem, { hint: "stowage find CONFIG '*.fits' --section SECTION -0" });
}

function times(call: Call): { readonly mtimeNs?: { readonly from?: bigint; readonly to?: bigint } } {
  const [newer, older] = [optionalText(call, 'newer'), optionalText(call, 'older')];
  if (newer === undefined && older === undefined) return {};
  const from = newer === undefined ? {} : { from: parseMoment('--newer', newer) };
  const to = older === undefined ? {} : { to: parseMoment('--older', older) - 1n };
  return { mtimeNs: { ...from, ...to } };
}

function limit(call: Call): { readonly limit?: number } {
  const given = optionalText(call, 'limit');
  if (given === undefined) return {};
  const number = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(number) && number > 0) return { limit: number };
  throw new StowageError('usage', `'${given}' is not a number of files`, { hint: '--limit 20' });
}
