import { crc32 } from 'node:zlib';
import { StowageError } from '../errors.ts';

/**
 * One line of a journal: a JSON object whose last field is the CRC-32 of all that stands before it,
 * so that a flipped bit is noticed and the line is still plain JSON.
 */

const mark = ',"crc":"';
const tailLength = mark.length + 8 + 2;

/** The line for a record, with its line end. */
export function journalLine(record: object): string {
  return sealed(JSON.stringify(record).slice(0, -1));
}

/** The line for a JSON object that is given as text without its closing brace. */
export function sealed(body: string): string {
  return `${body}${mark}${checksum(body)}"}\n`;
}

/** The record of a line without its line end. Throws `corrupt` if the checksum does not fit. */
export function parseJournalLine(line: string): unknown {
  const bodyEnd = line.length - tailLength;
  const body = line.slice(0, Math.max(bodyEnd, 0));
  if (bodyEnd < 1 || line.slice(bodyEnd) !== `${mark}${checksum(body)}"}`) {
    throw new StowageError('corrupt', 'the line does not agree with its checksum');
  }
  return JSON.parse(`${body}}`);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
