import { isUtf8 } from 'node:buffer';

/**
 * Names are bytes. In memory they are strings in which a byte that is not UTF-8 stands as a lone surrogate
 * U+DC80…U+DCFF: Python's `surrogateescape` (PEP 383), so that rules see what HPSSPy's rules saw.
 * Only this file converts.
 */

const loneSurrogate = /\p{Surrogate}/u;
const fromSurrogates = /[\ud800-\uffff]/;
const beyondAscii = /[^\x00-\x7f]/;

/** True if the name is valid UTF-8, that is, holds no escaped byte. */
export function isUtf8Name(name: string): boolean {
  return !loneSurrogate.test(name);
}

/** The name for these bytes. Total and one to one: `nameToBytes` gives the same bytes back. */
export function nameFromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : escapedName(buffer);
}

/** The bytes of a name. Throws `RangeError` for a lone surrogate that no byte stands behind: such a name cannot be on a disk. */
export function nameToBytes(name: string): Buffer {
  if (isUtf8Name(name)) return Buffer.from(name, 'utf8');
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff && isLow(name.charCodeAt(at + 1))) {
      at += 1;
      continue;
    }
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit < 0xdc80 || unit > 0xdcff) throw new RangeError(`not a name: lone surrogate at ${at}`);
    parts.push(Buffer.from(name.slice(from, at), 'utf8'), Buffer.of(unit - 0xdc00));
    from = at + 1;
  }
  parts.push(Buffer.from(name.slice(from), 'utf8'));
  return Buffer.concat(parts);
}

/** The order of two names, by their bytes: that of `LC_ALL=C sort`. */
export function compareNames(a: string, b: string): number {
  // Below the surrogates, the order of UTF-16 is that of UTF-8, and a comparison costs a tenth.
  if (!fromSurrogates.test(a) && !fromSurrogates.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(nameToBytes(a), nameToBytes(b));
}

/** A path argument for `node:fs`: the string itself where Node encodes it rightly, else its bytes. */
export function fsPath(name: string): string | Buffer {
  return isUtf8Name(name) ? name : nameToBytes(name);
}

/** True if a name, or the raw form of one, is nothing but ASCII: then all its forms are the same. */
export function isAsciiName(name: string): boolean {
  return !beyondAscii.test(name);
}

/** The name behind its raw form: a character for each byte, as `node:fs` gives names with the encoding `latin1`, quickly and exactly. */
export function nameFromRaw(raw: string): string {
  return isAsciiName(raw) ? raw : nameFromBytes(Buffer.from(raw, 'latin1'));
}

/** The raw form of a name. */
export function rawName(name: string): string {
  return isAsciiName(name) ? name : nameToBytes(name).toString('latin1');
}

/** A path argument for `node:fs` from a raw path. */
export function fsPathOfRaw(raw: string): string | Buffer {
  return isAsciiName(raw) ? raw : Buffer.from(raw, 'latin1');
}

/** A name as JSON carries it: readable text, and the exact bytes in base64 when they are not UTF-8. */
export interface NameInJson {
  readonly path: string;
  readonly pathBase64?: string;
}

/** The JSON form of a name. */
export function nameToJson(name: string): NameInJson {
  if (isUtf8Name(name)) return { path: name };
  const bytes = nameToBytes(name);
  return { path: bytes.toString('utf8'), pathBase64: bytes.toString('base64') };
}

/** The name in its JSON form; `pathBase64` wins. */
export function nameFromJson(json: NameInJson): string {
  return json.pathBase64 === undefined ? json.path : nameFromBytes(Buffer.from(json.pathBase64, 'base64'));
}

/**
 * A name for people: control characters, backslashes and bytes that are not UTF-8 as `\n`, `\\`, `\xHH`, so that
 * no name can move the cursor or fake a line of output.
 */
export function displayName(name: string): string {
  return displayText(name.replaceAll('\\', '\\\\'));
}

/** The same for a pattern or a sentence, in which backslashes stay as they are. */
export function displayText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    const unit = character.charCodeAt(0);
    if (unit >= 0xdc80 && unit <= 0xdcff) return `\\x${(unit - 0xdc00).toString(16)}`;
    return unit < 0x100 ? `\\x${unit.toString(16).padStart(2, '0')}` : `\\u${unit.toString(16).padStart(4, '0')}`;
  });
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function escapedName(bytes: Buffer): string {
  let name = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    name += bytes.toString('utf8', from, at) + String.fromCharCode(0xdc00 + bytes[at]!);
    at += 1;
    from = at;
  }
  return name + bytes.toString('utf8', from);
}

/** Length of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return first >= 0xc2 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
