import { gridError } from './errno.ts';
import {
  type Access,
  accesses,
  type CatalogueEntry,
  catalogueEntry,
  type DirectoryEntry,
  directoryEntry,
  type FoundFile,
  foundFile,
  type Identity,
  type Replica,
  text,
} from './grid-results.ts';
import type { Sender, SendOptions } from './session.ts';

/** What is to be written. */
export interface NewFile {
  readonly bytes: number;
  readonly md5: string;
  /** Where to: `disk:2`, names of storage elements, `!SE` for one that is not wanted. */
  readonly where?: readonly string[];
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
