import { StowageError } from '../errors.ts';
import { nameFromBytes, nameToBytes } from './byte-name.ts';

/** A name with every byte percent-encoded that is not a letter, a digit or one of `keep`; one to one. */
export function percentEncode(name: string, keep: string): string {
  let text = '';
  for (const byte of nameToBytes(name)) {
    const character = String.fromCharCode(byte);
    text +=
      /[A-Za-z0-9]/.test(character) || keep.includes(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** The name behind a percent-encoded text. Throws `configuration` for a `%` without two hex digits. */
export function percentDecode(text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2})/.exec(text);
  if (bad !== null) {
    throw new StowageError('configuration', `'${text}' has a '%' that is not followed by two hex digits`, {
      hint: "write a literal '%' as '%25'",
    });
  }
  const bytes = nameToBytes(text);
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === 0x25) {
      out[length] = Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16);
      at += 2;
    } else {
      out[length] = bytes[at]!;
    }
    length += 1;
  }
  return nameFromBytes(out.subarray(0, length));
}
