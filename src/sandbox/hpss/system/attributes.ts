import { type BigIntStats, lstatSync, readFileSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import { writeOwnFile } from './disk.ts';
import { place, type System } from './system.ts';

/** Where on tape a file begins. */
export interface TapePlace {
  readonly cartridge: string;
  readonly section: number;
  readonly offset: number;
}

/** A checksum that HPSS keeps beside a file; it does not change when the file does. */
export interface StoredHash {
  readonly algorithm: string;
  readonly hex: string;
}

/** What HPSS knows of an object besides its name, size and time. */
export interface Attributes {
  readonly owner: string;
  readonly group: string;
  readonly account: number;
  readonly mode: number;
  readonly service: number;
  readonly createdMs: number;
  readonly accessedMs: number;
  /** On the disk cache, and so quick to read. */
  readonly onDisk: boolean;
  readonly tape?: TapePlace | undefined;
  readonly hash?: StoredHash | undefined;
}

/** An object as it lies in the folder `files`. */
export interface HeldObject {
  /** Its HPSS path, with no link in it. */
  readonly path: string;
  /** Where it lies on this machine. */
  readonly local: string;
  readonly type: 'd' | 'l' | '-';
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly links: number;
  /** Of a link. */
  readonly target?: string;
  /** Tells this object from all others, also after it was renamed. */
  readonly identity: string;
  readonly mode: number;
  readonly bornMs: number;
}

/** The attributes of an object; of one that was laid into the folder by hand, what can be seen from outside. */
export function attributesOf(system: System, object: HeldObject): Attributes {
  const { settings } = system;
  const found = readRecord(system, object);
  return {
    owner: settings.user,
    group: settings.group,
    account: settings.uid,
    mode: object.type === 'l' ? 0o777 : object.mode,
    service: object.type === '-' ? serviceFor(system, object.bytes) : 0,
    createdMs: object.bornMs,
    accessedMs: object.mtimeMs,
    onDisk: true,
    ...found,
  };
}

/** Writes down what is new of an object. */
export function setAttributes(system: System, object: HeldObject, changes: Partial<Attributes>): void {
  if (system.disk.isReal) writeRecord(system, object.identity, { ...attributesOf(system, object), ...changes });
}

/** Gives an object that was just made its first attributes, instead of any that it had. */
export function resetAttributes(system: System, local: string, attributes: Attributes): void {
  if (system.disk.isReal) writeRecord(system, identityOf(lstatSync(fsPath(local), { bigint: true })), attributes);
}

/** Forgets what was known of an object that is no more. */
export function forgetAttributes(system: System, { identity }: HeldObject): void {
  try {
    system.disk.removeFile(place(system, 'attributes', identity));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The smallest class of service that takes so many bytes. */
export function serviceFor({ settings }: System, bytes: number): number {
  return (settings.classes.find(({ upToBytes }) => bytes <= upToBytes) ?? settings.classes.at(-1))?.id ?? 0;
}

/** The inode, and when it was made: numbers of inodes are used again. */
export function identityOf({ ino, birthtimeNs }: BigIntStats): string {
  return `${ino}-${birthtimeNs}`;
}

function readRecord(system: System, { identity }: HeldObject): Partial<Attributes> {
  try {
    return JSON.parse(readFileSync(place(system, 'attributes', identity), 'utf8')) as Partial<Attributes>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function writeRecord(system: System, identity: string, attributes: Attributes): void {
  writeOwnFile(place(system, 'attributes', identity), JSON.stringify(attributes));
}
