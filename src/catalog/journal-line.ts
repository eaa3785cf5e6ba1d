import { crc32 } from 'node:zlib';
import { StowageError } from '../errors.ts';

/**
 * One line of a journal: a JSON object whose last field is the CRC-32 of all that stands before it,
 * so that a flipped bit is noticed and the line is still plain JSON.
 */

const mark = ',"crc":"';
const markBytes = Buffer.from(mark);
/** How much of a line stands behind its last field but the checksum. */
export const tailLength = mark.length + 8 + 2;

/** The line for a record, with its line end. */
export function journalLine(record: object): string {
  return sealed(JSON.stringify(record).slice(0, -1));
}

/** The line for a JSON object that is given as text without its closing brace. */
export function sealed(body: string): string {
  return `${body}${mark}${crc32(body).toString(16).padStart(8, '0')}"}\n`;
}

/** True if the bytes `from` to `end` are a line, without its line end, that agrees with its checksum. */
export function isSoundLine(bytes: Buffer, from: number, end: number): boolean {
  const bodyEnd = end - tailLength;
  if (bodyEnd <= from || bytes[end - 1] !== 0x7d || bytes[end - 2] !== 0x22) return false;
  for (let at = 0; at < markBytes.length; at += 1) if (bytes[bodyEnd + at] !== markBytes[at]) return false;
  let sum = 0;
  for (let at = end - 10; at < end - 2; at += 1) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0) return false;
    sum = sum * 16 + digit;
  }
  return sum === crc32(bytes.subarray(from, bodyEnd));
}

/** The record of a line without its line end. Throws `corrupt` if the checksum does not fit. */
export function parseJournalLine(bytes: Buffer, from = 0, end = bytes.length): unknown {
  if (!isSoundLine(bytes, from, end)) {
    throw new StowageError('corrupt', 'the line does not agree with its checksum');
  }
  return parseSoundLine(bytes, from, end);
}

/** The record of a line whose checksum was seen to fit. */
export function parseSoundLine(bytes: Buffer, from: number, end: number): unknown {
  return JSON.parse(`${bytes.toString('utf8', from, end - tailLength)}}`);
}

/** Small letters only: each sum has one way to be written, so that no flipped bit of it is missed. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}
