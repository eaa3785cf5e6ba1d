import { StowageError } from '../errors.ts';

/** Pax records larger than this are absurd: no name, time or number of ours or of others comes near. */
export const paxLimit = 1024 * 1024;

/** The keywords that an index needs; all others are passed over, so that a hostile archive cannot fill the memory with them. */
const known = ['path', 'linkpath', 'size', 'mtime', 'uid', 'gid', 'GNU.sparse.name'] as const;

/** What pax records said: values as bytes. An empty value takes back what a global header said. */
export interface PaxRecords {
  readonly path?: Uint8Array;
  readonly linkpath?: Uint8Array;
  readonly size?: Uint8Array;
  readonly mtime?: Uint8Array;
  readonly uid?: Uint8Array;
  readonly gid?: Uint8Array;
  readonly 'GNU.sparse.name'?: Uint8Array;
  /** Some `GNU.sparse.*` record was there: the stored content is not the file's content. */
  readonly sparse?: true;
}

/** One record, `LENGTH KEY=VALUE\n`, where the length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = key.length + value.length + 3; // blank, '=', newline
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** The records in the content of an `x` or `g` header that begins at `position`. Throws `corrupt`. */
export function readPax(bytes: Uint8Array, position: number): PaxRecords {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bad = (at: number) =>
    new StowageError('corrupt', `bad pax record at byte ${position + at}`, { facts: { position: position + at } });
  const records: { -readonly [key in keyof PaxRecords]: PaxRecords[key] } = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    if (blank < 0 || blank - at > 8) throw bad(at);
    const digits = content.toString('latin1', at, blank);
    const end = at + Number(digits);
    if (!/^[1-9][0-9]*$/.test(digits) || end > content.length || end <= blank || content[end - 1] !== 0x0a)
      throw bad(at);
    const equals = content.indexOf(0x3d, blank);
    if (equals < 0 || equals >= end) throw bad(at);
    const key = content.toString('latin1', blank + 1, equals);
    const name = known.find((word) => word === key);
    if (name !== undefined) records[name] = Buffer.from(content.subarray(equals + 1, end - 1));
    if (key.startsWith('GNU.sparse.')) records.sparse = true;
    at = end;
  }
  return records;
}

const second = 1_000_000_000n;

/** A time as pax writes it: seconds with a fraction where there is one. The sign counts for the fraction too. */
export function paxTime(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = size % second;
  const whole = `${ns < 0n ? '-' : ''}${size / second}`;
  return fraction === 0n ? whole : `${whole}.${String(fraction).padStart(9, '0')}`;
}

/** Nanoseconds for a time of a pax record, cut at nine digits; undefined if it is no time. */
export function timeFromPax(value: Uint8Array): bigint | undefined {
  if (value.length > 64) return undefined;
  const parts = /^([-+]?)([0-9]+)(?:\.([0-9]*))?$/.exec(Buffer.from(value).toString('latin1'));
  if (parts === null) return undefined;
  const ns = BigInt(parts[2]!) * second + BigInt((parts[3] ?? '').slice(0, 9).padEnd(9, '0'));
  return parts[1] === '-' ? -ns : ns;
}

/** A size or owner of a pax record; undefined if it is none or too large to be one. */
export function countFromPax(value: Uint8Array): number | undefined {
  const text = Buffer.from(value.subarray(0, 20)).toString('latin1');
  const count = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(count) ? count : undefined;
}
