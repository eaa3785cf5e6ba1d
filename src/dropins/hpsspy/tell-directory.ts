import type { OddEntry } from './disk-run.ts';
import type { DirectoryBytes } from './disk-run-file.ts';
import type { Logger } from './log.ts';

/** How many entries of a directory are not in the cache, and how many of those that are cannot be archived. */
export interface OddCounts {
  readonly leftOut: number;
  readonly links: number;
  readonly special: number;
}

/** Tells of a directory what HPSSPy tells, and of every entry that is left out. `path` is the directory's. */
export function tellDirectory(
  path: string,
  { odd, readable }: DirectoryBytes,
  hpsspy: Logger,
  ours: Logger,
): OddCounts {
  const counts = { leftOut: 0, links: 0, special: 0 };
  if (readable) hpsspy.debug(`Scanning disk directory ${path}.`);
  for (const one of odd) {
    const full = one.name === '' ? path : `${path}/${one.name}`;
    switch (one.what) {
      case 'unseen':
        counts.leftOut += 1;
        hpsspy.error(`${capital(one.why)}: ${full}`);
        break;
      case 'not-utf8':
        counts.leftOut += 1;
        hpsspy.error(`Could not write ${pythonBytes(full)} to cache file due to unusual characters!`);
        hpsspy.error(`Message was: ${codecMessage(one)}`);
        break;
      case 'link':
        counts.links += 1;
        break;
      case 'special':
        counts.special += 1;
        ours.error(`${full} is a ${one.why.replace('-', ' ')}: it cannot be archived.`);
    }
  }
  return counts;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Python's text for the bytes of a name, with those that are not UTF-8 as it encodes their stand-ins. */
function pythonBytes(name: string): string {
  let text = '';
  for (const character of name) {
    const unit = character.codePointAt(0)!;
    const bytes =
      unit >= 0xdc80 && unit <= 0xdcff
        ? [0xed, 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
        : [...Buffer.from(character)];
    for (const byte of bytes) {
      if (byte === 0x5c) text += '\\\\';
      else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
      else
        text +=
          byte === 10 ? '\\n' : byte === 13 ? '\\r' : byte === 9 ? '\\t' : `\\x${byte.toString(16).padStart(2, '0')}`;
    }
  }
  return text.includes("'") && !text.includes('"') ? `b"${text}"` : `b'${text.replaceAll("'", "\\'")}'`;
}

/** What Python's codec says of the first run of such characters in the row. */
function codecMessage({ why: path }: OddEntry): string {
  const characters = Array.from(path);
  const isOdd = (one: string | undefined) => one !== undefined && /^\p{Surrogate}$/u.test(one);
  const first = characters.findIndex(isOdd);
  let end = first;
  while (isOdd(characters[end + 1])) end += 1;
  const head = "'utf-8' codec can't encode";
  if (end > first) return `${head} characters in position ${first}-${end}: surrogates not allowed.`;
  const code = characters[first]?.charCodeAt(0).toString(16) ?? '';
  return `${head} character '\\u${code}' in position ${first}: surrogates not allowed.`;
}
