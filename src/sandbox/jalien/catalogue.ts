import { baseName, byName, parentOf } from './lfn.ts';

/** Where a copy of a file lies. */
export interface Replica {
  readonly se: string;
  readonly pfn: string;
}

/** One name of the catalogue. Plain data: a state folder keeps it as JSON. */
export interface Entry {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  /** File, directory, collection, or member of an archive. */
  readonly type: 'f' | 'd' | 'c' | 'a';
  readonly owner: string;
  readonly group: string;
  /** Three octal digits. */
  readonly perm: string;
  readonly ctimeMs: number;
  readonly id: number;
  readonly size: number;
  readonly md5?: string;
  readonly guid?: string;
  readonly jobid?: string;
  readonly expire?: number;
  readonly replicas: readonly Replica[];
  /** Of a member of an archive: the archive's LFN, whose replicas are its own. */
  readonly archive?: string;
  /** Of a collection: the files in it. */
  readonly members?: readonly string[];
}

/** A change of the catalogue, as a state folder keeps it. */
export type Change = { readonly put: Entry } | { readonly remove: string };

/** The names of the Grid, in memory. */
export interface Catalogue {
  get(path: string): Entry | undefined;
  byGuid(guid: string): Entry | undefined;
  /** Sorted by name. */
  children(path: string): readonly Entry[];
  /** Everything below, sorted by path. */
  below(path: string): Generator<Entry>;
  /** Makes the entry or replaces the one of this path; its parent must be there. */
  put(entry: Omit<Entry, 'id'> & { readonly id?: number }): Entry;
  /** With everything below. */
  remove(path: string): void;
  /** With everything below; the target must not be there. */
  move(from: string, to: string): void;
}

/** An empty catalogue, but for its root. `changed` is told of each change after it was made. */
export function newCatalogue(changed: (change: Change) => void = () => undefined): Catalogue {
  const entries = new Map<string, Entry>();
  const guids = new Map<string, string>();
  const children = new Map<string, Set<string>>();
  let lastId = 0;

  function put(given: Omit<Entry, 'id'> & { readonly id?: number }): Entry {
    const id = given.id ?? entries.get(given.path)?.id ?? lastId + 1;
    const entry: Entry = { ...given, id };
    lastId = Math.max(lastId, id);
    drop(given.path);
    entries.set(entry.path, entry);
    if (entry.path !== '/') children.get(parentOf(entry.path))!.add(baseName(entry.path));
    if (entry.type === 'd' && !children.has(entry.path)) children.set(entry.path, new Set());
    if (entry.guid !== undefined) guids.set(entry.guid.toLowerCase(), entry.path);
    changed({ put: entry });
    return entry;
  }

  function drop(path: string): void {
    const entry = entries.get(path);
    if (entry?.guid !== undefined) guids.delete(entry.guid.toLowerCase());
    entries.delete(path);
  }

  function childrenOf(path: string): readonly Entry[] {
    const names = [...(children.get(path) ?? [])].sort(byName);
    return names.map((name) => entries.get(path === '/' ? `/${name}` : `${path}/${name}`)!);
  }

  function* below(path: string): Generator<Entry> {
    for (const entry of childrenOf(path)) {
      yield entry;
      if (entry.type === 'd') yield* below(entry.path);
    }
  }

  function remove(path: string): void {
    for (const entry of [...below(path)]) {
      drop(entry.path);
      children.delete(entry.path);
    }
    drop(path);
    children.delete(path);
    children.get(parentOf(path))?.delete(baseName(path));
    changed({ remove: path });
  }

  return {
    get: (path) => entries.get(path),
    byGuid(guid) {
      const path = guids.get(guid.toLowerCase());
      return path === undefined ? undefined : entries.get(path);
    },
    children: childrenOf,
    below,
    put,
    remove,
    move(from, to) {
      const all = [entries.get(from)!, ...below(from)];
      remove(from);
      for (const entry of all) put({ ...entry, path: to + entry.path.slice(from.length) });
    },
  };
}

/** True if this user may read (4), write (2) or enter (1) it. */
export function allows(entry: Entry, user: string, right: 1 | 2 | 4): boolean {
  if (user === 'admin') return true;
  const [owner, group, world] = [...entry.perm].map(Number);
  const digit = entry.owner === user ? owner! : entry.group === user ? group! : world!;
  return (digit & right) !== 0;
}

/** `drwxr-xr-x`. */
export function permissionText(entry: Entry): string {
  const bits = [...entry.perm].map((digit) => {
    const value = Number(digit);
    return `${value & 4 ? 'r' : '-'}${value & 2 ? 'w' : '-'}${value & 1 ? 'x' : '-'}`;
  });
  return `${entry.type === 'f' ? '-' : entry.type === 'a' ? '-' : entry.type}${bits.join('')}`;
}
