/** DER (X.690) as far as a certificate needs it: each function answers the bytes of one value with its tag and length. */
type Bytes = Uint8Array;

/** A value of any tag. */
export function der(tag: number, ...parts: readonly Bytes[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...parts: readonly Bytes[]): Buffer => der(0x30, ...parts);
export const setOf = (...parts: readonly Bytes[]): Buffer => der(0x31, ...parts);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
export const printable = (text: string): Buffer => der(0x13, Buffer.from(text, 'ascii'));
export const octets = (bytes: Bytes): Buffer => der(0x04, bytes);
export const yes = (): Buffer => der(0x01, Buffer.from([0xff]));
export const nothing = (): Buffer => der(0x05);

/** All bits of whole bytes, but for so many at the end. */
export const bits = (bytes: Bytes, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);

/** A number that is not negative, most significant byte first. */
export function integer(bytes: Bytes): Buffer {
  return der(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** An object identifier from its dotted text. */
export function identifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first! * 40 + second!, ...rest.flatMap(base128)]));
}

/** A time in UTC, to the second: UTCTime until 2049, as RFC 5280 asks for. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  const year = at.getUTCFullYear();
  return year >= 1950 && year < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
