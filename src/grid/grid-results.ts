import { StowageError } from '../errors.ts';
import type { GridResult, Reply } from './reply.ts';

/** An entry of a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** Absolute; that of a directory ends in `/`. */
  readonly lfn: string;
  readonly type: 'directory' | 'file';
  readonly permissions: string;
  readonly owner: string;
  readonly group: string;
  readonly bytes: number;
  readonly changed: Date;
}

/** What the catalogue knows of one name. What does not apply, or the server does not say, is absent. */
export interface CatalogueEntry {
  readonly lfn: string;
  readonly type: 'directory' | 'file' | 'collection' | 'archive';
  readonly owner: string;
  readonly group: string;
  /** In octal, as in `755`. */
  readonly permissions: string;
  readonly changed: Date;
  readonly bytes?: number;
  readonly md5?: string;
  readonly guid?: string;
}

/** A replica of a file. */
export interface Replica {
  readonly se: string;
  readonly pfn: string;
}

/** A permission to read or write one replica, valid for a day. `envelope` is secret: whoever has it can do the same. */
export interface Access {
  readonly envelope: string;
  readonly url: string;
  readonly guid: string;
  readonly se: string;
  readonly bytes?: number;
  readonly md5?: string;
}

/** A file of a search. */
export interface FoundFile {
  readonly lfn: string;
  readonly bytes: number;
  readonly owner: string;
  readonly changed: Date;
  readonly md5?: string;
  readonly guid?: string;
}

/** Who we are for the server. */
export interface Identity {
  readonly user: string;
  readonly role: string;
  readonly home: string;
}

/** What `ls -l` says of one name. */
export function directoryEntry(result: GridResult): DirectoryEntry {
  const permissions = text(result, 'permissions', 'ls');
  return {
    name: text(result, 'name', 'ls').replace(/\/+$/, ''),
    lfn: text(result, 'path', 'ls').replace(/\/+$/, '/'),
    type: permissions.startsWith('d') ? 'directory' : 'file',
    permissions,
    owner: text(result, 'user', 'ls'),
    group: text(result, 'group', 'ls'),
    bytes: number(result, 'size', 'ls'),
    changed: new Date(number(result, 'ctime', 'ls') * 1000),
  };
}

const types = { f: 'file', d: 'directory', c: 'collection', a: 'archive' } as const;

/** What `stat` says of one name. Throws `corrupt` where it lacks what it must say. */
export function catalogueEntry(result: GridResult | undefined): CatalogueEntry {
  const type = types[text(result, 'type', 'stat') as keyof typeof types];
  if (type === undefined) throw lacking('stat', 'type');
  return {
    // Newer servers say `lfn`, older ones `file`.
    lfn: optional(result, 'lfn') ?? text(result, 'file', 'stat'),
    type,
    owner: text(result, 'owner', 'stat'),
    group: text(result, 'gowner', 'stat'),
    permissions: text(result, 'perm', 'stat'),
    changed: new Date(milliseconds(number(result, 'ctime', 'stat'))),
    ...(optional(result, 'size') === undefined ? {} : { bytes: number(result, 'size', 'stat') }),
    ...present('md5', optional(result, 'md5')),
    ...present('guid', optional(result, 'guid')),
  };
}

/** What `find -f` says of one name. */
export function foundFile(result: GridResult): FoundFile {
  return {
    lfn: text(result, 'lfn', 'find'),
    bytes: number(result, 'size', 'find'),
    owner: text(result, 'owner', 'find'),
    changed: new Date(milliseconds(number(result, 'ctime', 'find'))),
    ...present('md5', optional(result, 'md5')),
    ...present('guid', optional(result, 'guid')),
  };
}

/** The permissions that `access` gives. */
export function accesses(reply: Reply): readonly Access[] {
  return reply.results.map((result) => ({
    envelope: text(result, 'envelope', 'access'),
    url: text(result, 'url', 'access'),
    guid: text(result, 'guid', 'access'),
    se: text(result, 'se', 'access'),
    ...(optional(result, 'size') === undefined ? {} : { bytes: number(result, 'size', 'access') }),
    ...present('md5', optional(result, 'md5')),
  }));
}

/** Some servers and commands give seconds, others milliseconds; no file of the Grid is from after the year 5138. */
function milliseconds(value: number): number {
  return value < 1e11 ? value * 1000 : value;
}

function optional(result: GridResult | undefined, key: string): string | undefined {
  const value = result?.[key];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

function present<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}

/** A text that the reply to `command` must have. Throws `corrupt` where it lacks it. */
export function text(result: GridResult | undefined, key: string, command: string): string {
  const value = optional(result, key);
  if (value === undefined) throw lacking(command, key);
  return value;
}

function number(result: GridResult | undefined, key: string, command: string): number {
  const value = Number(text(result, key, command));
  if (!Number.isSafeInteger(value) || value < 0) throw lacking(command, key);
  return value;
}

function lacking(command: string, key: string): StowageError {
  return new StowageError('corrupt', `${command}: the server's reply has no ${key} that can be read`, {
    facts: { errno: 42, command, key },
  });
}
