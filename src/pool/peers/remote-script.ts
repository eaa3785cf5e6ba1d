import { nameToBytes } from '../../model/byte-name.ts';
import { shellWord } from '../../model/shell-word.ts';

/** What is run on a peer: POSIX sh, find, tar and sha256sum, each as old and small as it may be. Names are words in single quotes, or come from `find`. */

/** What a peer has. */
export interface Abilities {
  /** GNU find: types, modes, times and sizes of all in one listing. */
  readonly gnuFind: boolean;
  readonly tar: 'gnu' | 'bsd' | 'other';
  /** How it computes SHA-256; undefined if it cannot. */
  readonly digest: DigestWays | undefined;
  /** A command holds what is cut by NUL back until all of it has come, so that digests can be computed while files are sent. */
  readonly holds: boolean;
}

/** Ways to compute SHA-256. */
export interface DigestWays {
  /** `sha256sum -z`: many files at once, with names cut by NUL. */
  readonly many: boolean;
  /** A command for one file: for all where there is no `many`, else for the large, if it is quicker: sha256sum is often plain C. */
  readonly single: string | undefined;
}

export const askAbilities = `if find / -prune -printf '%y' >/dev/null 2>&1; then echo find=gnu; fi
case $(tar --version 2>/dev/null) in *GNU*) echo tar=gnu;; *bsdtar*) echo tar=bsd;; esac
if sha256sum -z /dev/null >/dev/null 2>&1; then echo many=yes; fi
if sort -z </dev/null >/dev/null 2>&1; then echo holds=yes; fi
if openssl dgst -sha256 -r /dev/null 2>/dev/null | grep -q '^[0-9a-f]\\{64\\} '; then echo 'single=openssl dgst -sha256 -r'
elif sha256sum /dev/null >/dev/null 2>&1; then echo single=sha256sum
elif shasum -a 256 /dev/null >/dev/null 2>&1; then echo 'single=shasum -a 256'
elif sha256 -q /dev/null >/dev/null 2>&1; then echo 'single=sha256 -q'; fi`;

const singleCommands = ['openssl dgst -sha256 -r', 'sha256sum', 'shasum -a 256', 'sha256 -q'];

/** What the answer to `askAbilities` says. */
export function abilitiesOf(answer: string): Abilities {
  const said = new Map(answer.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const tar = said.get('tar');
  const many = said.get('many') === 'yes';
  const single = singleCommands.find((command) => command === said.get('single'));
  return {
    gnuFind: said.get('find') === 'gnu' && tar !== undefined,
    tar: tar === 'gnu' || tar === 'bsd' ? tar : 'other',
    digest: many || single !== undefined ? { many, single } : undefined,
    holds: said.get('holds') === 'yes',
  };
}

/** Enters the collect directory, and says `ready`, or why not. */
export function askReadiness(collectDir: string, indicator: string): Buffer {
  return nameToBytes(`if ! cd ${shellWord(collectDir)} 2>/dev/null; then
if [ -d ${shellWord(collectDir)} ]; then echo closed; else echo absent; fi
elif [ -f ${shellWord(`./${indicator}`)} ]; then echo ready; else echo waiting; fi`);
}

/** Lists all below the collect directory: entries cut by NUL, of `askList`'s own form for each find. */
export function askList({ gnuFind }: Abilities): string {
  if (gnuFind) return "find . -mindepth 1 -printf '%y\\t%m\\t%T@\\t%s\\t%p\\0%l\\0'";
  return `find . ! -name . -exec /bin/sh -c 'for f do
if [ -L "$f" ]; then t=l; elif [ -d "$f" ]; then t=d; elif [ -f "$f" ]; then t=f; else t=s; fi
printf "%s\\t%s\\0" "$t" "$f"; done' sh {} +`;
}

/** The digest of every file: `HEX  ./NAME`, cut by NUL. */
export function askDigests({ many, single }: DigestWays): string {
  const oneByOne = (which: string) => `find . -type f ${which}-exec /bin/sh -c 'e=0; for f do
if h=$(${single} <"$f"); then printf "%s  %s\\0" "\${h%% *}" "$f"; else e=1; fi; done; exit $e' sh {} +`;
  if (!many) return oneByOne('');
  if (single === undefined || single === 'sha256sum') return 'find . -type f -exec sha256sum -z {} +';
  // A process for each is nothing for what is large.
  return `find . -type f ! -size +${largeBlocks} -exec sha256sum -z {} +; e=$?
${oneByOne(`-size +${largeBlocks} `)} && (exit $e)`;
}

/**
 * The same while other commands are run, whose output comes first: all of it is held back, in whatever order. Behind the digests stands the status, which the
 * last command of a pipe does not tell; complaints are dropped, because they would stand among those of others: who gets a status that is not 0 asks again.
 */
export function askDigestsBeside(ways: DigestWays): { readonly command: string; readonly hold: string } {
  return { command: `{ ${askDigests(ways)}; }; printf '${statusSign}%s\\0' "$?"`, hold: 'sort -z' };
}

/** Sorts behind every digest. */
export const statusSign = '~';

/** Of 512 bytes: 8 MiB. */
const largeBlocks = 16_384;

const tarCommands = {
  gnu: 'tar -c --format=posix --pax-option=delete=atime,delete=ctime -b 128 -f -',
  bsd: 'COPYFILE_DISABLE=1 tar -c --format pax -f -',
  other: 'tar -c -f -',
} as const;

/** Sends entries as a tar, all of them if none are named. */
export function askTar({ tar }: Abilities, wanted: readonly string[] | undefined): Buffer {
  if (wanted === undefined || tar === 'other') return Buffer.from(`${tarCommands[tar]} .`);
  const names = wanted.map((path) => `./${path}`);
  const options = tar === 'gnu' ? '--no-recursion --null -T -' : '-n --null -T -';
  return nameToBytes(`{\n${printed('%s\\0', names)}\n} | ${tarCommands[tar]} ${options}`);
}

const wordsAtOnce = 100;

/** Renews the indicator, or makes it; whatever else has its name is replaced and never written through. */
export function askIndicator(indicator: string): Buffer {
  const file = shellWord(`./${indicator}`);
  return nameToBytes(
    `if [ -f ${file} ] && [ ! -L ${file} ]; then touch ${file}; else rm -f ${file} && ( set -C; : >${file} ); fi`,
  );
}

/** Writes a file of these lines; whatever has its name is replaced and never written through. */
export function askLines(name: string, lines: readonly string[]): Buffer {
  const file = shellWord(`./${name}`);
  return nameToBytes(`rm -f ${file} && (\nset -C\n{\n${printed('%s\\n', lines)}\n} >${file}\n)`);
}

/** Commands that print words, each in its form. Where printf is no part of the shell, arguments are limited. */
function printed(form: string, words: readonly string[]): string {
  const commands: string[] = [];
  for (let at = 0; at < words.length; at += wordsAtOnce) {
    const some = words.slice(at, at + wordsAtOnce).map(shellWord);
    commands.push(`printf '${form}' ${some.join(' ')} || exit`);
  }
  return commands.join('\n');
}

/** Does something inside of the collect directory; status 9 if it cannot be entered. */
export function insideOf(collectDir: string, command: Uint8Array | string): Buffer {
  const text = typeof command === 'string' ? Buffer.from(command) : command;
  return Buffer.concat([
    nameToBytes(`if cd ${shellWord(collectDir)}; then\n`),
    text,
    Buffer.from('\nelse (exit 9); fi'),
  ]);
}
