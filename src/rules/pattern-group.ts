import { refused, rejected } from './pattern-error.ts';
import type { PatternReader } from './pattern-reader.ts';

const extensions: ReadonlyMap<string, string> = new Map([
  ['#', 'comment'],
  ['=', 'look-ahead'],
  ['!', 'negative look-ahead'],
  ['(', 'conditional'],
  ['>', 'atomic group'],
]);

const secondLetters: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'P',
    new Map([
      ['<', 'named group'],
      ['=', 'named back-reference'],
    ]),
  ],
  [
    '<',
    new Map([
      ['=', 'look-behind'],
      ['!', 'negative look-behind'],
    ]),
  ],
]);

/** Reads what follows a `(` that was just taken, up to where the group's content begins. */
export function readGroupOpening(reader: PatternReader): 'capturing' | 'plain' {
  const start = reader.position() - 1;
  if (!reader.takeIf('?')) return 'capturing';
  let extension = letter(reader);
  if (extension === ':') return 'plain';
  let construct = extensions.get(extension) ?? (/^[iLmsxatu-]$/.test(extension) ? 'flag' : undefined);
  const second = secondLetters.get(extension);
  if (second !== undefined) {
    const after = letter(reader);
    extension += after;
    construct = second.get(after);
  }
  if (construct === undefined) throw rejected(reader.text, `unknown extension ?${extension}`, start + 1);
  throw refused(reader.text, `${construct} '(?${extension}'`, start);
}

function letter(reader: PatternReader): string {
  const token = reader.take();
  if (token === undefined) throw rejected(reader.text, 'unexpected end of pattern', reader.position());
  return token;
}
