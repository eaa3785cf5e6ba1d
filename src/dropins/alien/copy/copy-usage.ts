import { copyFlags } from './copy-flags.ts';

const filters: readonly (readonly [string, string])[] = [
  ['-glob P', 'of a directory: only files that match P'],
  ['-select RE', 'whose path matches RE'],
  [
    '-name RE',
    'whose name matches RE; begin_X_contain_Y_ends_Z_ext_E is the same in words; one of -glob, -select, -name',
  ],
  ['-exclude TEXT', 'not those with TEXT in their path below the directory; may be repeated'],
  ['-exclude_re RE', 'not those whose path below matches RE; may be repeated'],
  ['-minsize B, -maxsize B', 'by size in bytes'],
  ['-mindepth N, -maxdepth N', 'by depth; files in the directory itself have depth 0'],
  ['-min-ctime T, -max-ctime T', 'by time, as 2024-03-01, 2024-03-01T12:30 or seconds since 1970'],
  ['-user NAME, -group NAME, -jobid ID', 'by what the catalogue says; not for directories of this machine'],
];

/** The options that choose files, for help and documentation. */
export const copyFilters = filters;

/** What `help cp` says. */
export const copyUsage: readonly string[] = [
  'cp [OPTIONS] SOURCE DESTINATION',
  'cp [OPTIONS] -dst DIRECTORY SOURCE...',
  'cp [OPTIONS] -input FILE',
  '',
  'file:PATH is on this machine, everything else on the Grid. One side is here, the other there.',
  'cp data/a.root file:.            into this directory',
  'cp data file:out/                the directory; cp data/ file:out/ what is in it',
  "cp 'data/*.root' file:out/       what matches, of data and below it",
  'cp file:b.root data/@disk:2      two replicas on disk, as if nothing is said; four of a small .sh, .C, .jdl or .xml',
  'Behind a name of the Grid: @QUALITY:N,SE,!SE, as @disk:2,ALICE::CERN::EOS,!ALICE::GSI::SE.',
  'A @ or , that is of the name and could be read so is written \\@ or \\, (in quotes).',
  '',
  ...copyFlags
    .filter(({ kind }) => kind === 'done')
    .map(({ names, value, says }) => shown(`${names.join(', ')}${value === undefined ? '' : ` ${value}`}`, says)),
  '',
  ...filters.map(([option, says]) => shown(option, says)),
  '',
  ...copyFlags.filter(({ kind }) => kind === 'always').map(({ names, says }) => shown(names[0]!, `always: ${says}`)),
  ...copyFlags.filter(({ kind }) => kind === 'told').map(({ names, says }) => shown(names[0]!, `nothing: ${says}`)),
  ...copyFlags.filter(({ kind }) => kind === 'refused').map(({ names, says }) => shown(names[0]!, `refused: ${says}`)),
  '',
  'Status 0: every file is there and checked. 2 a source is not there, 22 and 64 what cannot be read, 42 nothing to copy,',
  '107 not connected, 130 interrupted; 1 if only some were copied, or for different reasons not.',
];

function shown(option: string, says: string): string {
  return `${option.padEnd(28)} ${says}`;
}
