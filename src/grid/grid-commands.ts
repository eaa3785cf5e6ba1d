import { StowageError } from '../errors.ts';
import { gridError } from './errno.ts';
import type { GridResult, Reply } from './reply.ts';
import type { Sender, SendOptions } from './session.ts';

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

/** What is to be written. */
export interface NewFile {
  readonly bytes: number;
  readonly md5: string;
  /** Where to: `disk:2`, names of storage elements, `!SE` for one that is not wanted. */
  readonly where?: readonly string[];
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

/** The commands of a session with types. Names may be relative. All reject as `ask` does, with `errno` and the server's text in `facts`. */
export interface GridCommands {
  pwd(options?: SendOptions): Promise<string>;
  cd(directory?: string, options?: SendOptions): Promise<string>;
  whoami(options?: SendOptions): Promise<Identity>;
  /** The entries of a directory, or of what a pattern matches; hidden ones too with `all`. */
  ls(lfn?: string, options?: SendOptions & { readonly all?: boolean }): Promise<readonly DirectoryEntry[]>;
  /** Undefined if the server says that there is nothing of that name. */
  stat(lfn: string, options?: SendOptions): Promise<CatalogueEntry | undefined>;
  /** What the catalogue knows of many names at once, by the names that were given, which must be absolute. Those that are not there are left out. */
  statAll(lfns: readonly string[], options?: SendOptions): Promise<ReadonlyMap<string, CatalogueEntry>>;
  /** Files below a directory whose path matches a pattern of the catalogue (`*`). */
  find(directory: string, pattern: string, options?: SendOptions): Promise<readonly FoundFile[]>;
  /** The replicas of a file; with `resolve` those of the archive that it is a member of. */
  whereis(lfn: string, options?: SendOptions & { readonly resolve?: boolean }): Promise<readonly Replica[]>;
  /** Replicas at the places named come first; with `strict` there are no others. */
  accessToRead(
    lfn: string,
    where?: readonly string[],
    options?: SendOptions & { readonly strict?: boolean },
  ): Promise<readonly Access[]>;
  accessToWrite(lfn: string, file: NewFile, options?: SendOptions): Promise<readonly Access[]>;
  /** Registers what was written with an access. Rejects unless the server says that it did. */
  commit(
    access: Pick<Access, 'envelope' | 'url' | 'se' | 'guid'>,
    lfn: string,
    file: NewFile,
    options?: SendOptions,
  ): Promise<void>;
  mkdir(lfn: string, options?: SendOptions & { readonly parents?: boolean }): Promise<void>;
  rmdir(lfn: string, options?: SendOptions): Promise<void>;
  rm(lfns: readonly string[], options?: SendOptions & { readonly recursive?: boolean }): Promise<void>;
  mv(from: string, to: string, options?: SendOptions): Promise<void>;
  touch(lfn: string, options?: SendOptions): Promise<void>;
}

/** The typed commands over what sends them. */
export function gridCommands(session: Sender): GridCommands {
  const { ask } = session;
  const nameOf = safeName;
  return {
    async pwd(options) {
      const reply = await ask('pwd', ['-nomsg'], options);
      return reply.currentDirectory ?? text(reply.results[0], 'pwd', 'pwd');
    },
    async cd(directory, options) {
      const reply = await ask('cd', directory === undefined ? [] : [nameOf(directory)], options);
      return reply.currentDirectory ?? (await session.where()).directory;
    },
    async whoami(options) {
      const [result] = (await ask('whoami', ['-nomsg'], options)).results;
      return {
        user: text(result, 'username', 'whoami'),
        role: text(result, 'role', 'whoami'),
        home: text(result, 'homedir', 'whoami'),
      };
    },
    async ls(lfn, options = {}) {
      const flags = ['-nomsg', '-l', ...(options.all ? ['-a'] : [])];
      const reply = await ask('ls', [...flags, ...(lfn === undefined ? [] : [nameOf(lfn)])], options);
      return reply.results.map(directoryEntry);
    },
    async stat(lfn, options) {
      const reply = await session.send('stat', ['-nomsg', nameOf(lfn)], options);
      if (reply.exitCode === 2) return undefined;
      if (reply.exitCode !== 0) throw gridError('stat', reply.exitCode, reply.error);
      return catalogueEntry(reply.results[0]);
    },
    async statAll(lfns, options) {
      if (lfns.length === 0) return new Map();
      const reply = await session.send('stat', ['-nomsg', ...lfns], options);
      // Of several errors the server tells the last one only; that a name is not there is none.
      if (reply.exitCode !== 0 && reply.exitCode !== 2) throw gridError('stat', reply.exitCode, reply.error);
      const found = new Map(reply.results.map(catalogueEntry).map((entry) => [withoutSlash(entry.lfn), entry]));
      return new Map(
        lfns.flatMap((lfn) => {
          const entry = found.get(withoutSlash(lfn));
          return entry === undefined ? [] : [[lfn, entry] as const];
        }),
      );
    },
    async find(directory, pattern, options) {
      const reply = await ask('find', ['-nomsg', '-f', '-a', '-s', nameOf(directory), pattern], options);
      return reply.results.map(foundFile);
    },
    async whereis(lfn, options = {}) {
      const reply = await ask('whereis', ['-nomsg', ...(options.resolve ? ['-r'] : []), nameOf(lfn)], options);
      return reply.results.map((one) => ({ se: text(one, 'seName', 'whereis'), pfn: text(one, 'pfn', 'whereis') }));
    },
    async accessToRead(lfn, where = [], options = {}) {
      const path = await session.lfn(lfn);
      const specs = where.length === 0 ? [] : [where.join(',')];
      const flags = options.strict === true && where.length > 0 ? ['-nomsg', '-f'] : ['-nomsg'];
      return accesses(await ask('access', [...flags, 'read', path, ...specs], options));
    },
    async accessToWrite(lfn, { bytes, md5, where = [] }, options) {
      const path = await session.lfn(lfn);
      const specs = where.length === 0 ? [] : [where.join(',')];
      return accesses(
        await ask('access', ['-nomsg', '-s', String(bytes), '-m', md5, 'write', path, ...specs], options),
      );
    },
    async commit(access, lfn, { bytes, md5 }, options) {
      const path = await session.lfn(lfn);
      const args = [access.envelope, String(bytes), path, '644', '0', access.url, access.se, access.guid, md5];
      const reply = await ask('commit', args, options);
      if (!reply.results.some((one) => one.lfn === '1')) throw gridError('commit', 53, `${path} was not registered`);
    },
    async mkdir(lfn, options = {}) {
      await ask('mkdir', [...(options.parents ? ['-p'] : []), nameOf(lfn)], options);
    },
    async rmdir(lfn, options) {
      await ask('rmdir', [nameOf(lfn)], options);
    },
    async rm(lfns, options = {}) {
      if (lfns.length > 0) await ask('rm', [...(options.recursive ? ['-r'] : []), ...lfns.map(nameOf)], options);
    },
    async mv(from, to, options) {
      await ask('mv', [nameOf(from), nameOf(to)], options);
    },
    async touch(lfn, options) {
      await ask('touch', [nameOf(lfn)], options);
    },
  };
}

function withoutSlash(lfn: string): string {
  return lfn.replace(/(?<=.)\/+$/, '');
}

/** A name that begins with `-` would be read as an option, and some of those the server takes from any place. */
function safeName(lfn: string): string {
  return lfn.startsWith('-') ? `./${lfn}` : lfn;
}

function directoryEntry(result: GridResult): DirectoryEntry {
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

function accesses(reply: Reply): readonly Access[] {
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

function text(result: GridResult | undefined, key: string, command: string): string {
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
