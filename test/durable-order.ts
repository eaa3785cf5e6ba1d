import { dirname, join } from 'node:path';
import type { FileOperations, OpenFile } from '../src/durable/file-operations.ts';
import type { SmallProject } from './small-project.ts';

/** Watches whether everything is durable by the time that something else relies on it: what a power cut would show. */
export interface DurableOrder {
  /** The same operations, watched. What was not durable when a killed run ended is not so in the next, which is given these too. */
  files(inner: FileOperations): FileOperations;
  /** Another process begins: what the first held in memory is gone. */
  newRun(): void;
  /** Every time that the order was broken. */
  readonly broken: string[];
}

/**
 * The laws: a file is durable before it gets another name; an object is `written` durably in a journal of a durable name before it
 * is published; it is durable under its name before it is `recorded`, and before the name under which it waited is removed.
 */
export function durableOrder(small: SmallProject): DurableOrder {
  const broken: string[] = [];
  const unsyncedFiles = new Set<string>();
  const unsyncedNames = new Set<string>();
  const durablyWritten = new Set<string>();
  const namesOf = new Map<string, string>(); // waiting name → published name
  let appended = new Map<string, string>(); // journal → text that is not durable yet

  const isJournal = (path: string) => path.startsWith(`${small.state}/journal/`);
  const isListing = (path: string) => path.startsWith(`${small.state}/listing/`);
  const keyOf = (path: string) => {
    const key = path.startsWith(`${small.vault}/`) ? path.slice(small.vault.length + 1) : '';
    return key === '' || key.startsWith('.stowage/') ? undefined : key;
  };
  const unsyncedOnWay = (path: string): string | undefined => {
    for (let at = path; at.startsWith(small.folder); at = dirname(at)) if (unsyncedNames.has(at)) return at;
    return undefined;
  };
  const requireName = (path: string, before: string) => {
    const name = unsyncedOnWay(path);
    if (name !== undefined) broken.push(`the name ${name} is not durable before ${before}`);
  };
  const records = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.includes('"kind":"recorded"') || line.includes('"kind":"written"'))
      .map((line) => /"kind":"(\w+)".*?"key":"([^"]+)"/.exec(line))
      .flatMap((match) => (match === null ? [] : [{ kind: match[1]!, key: match[2]! }]));
  const named = (from: string, to: string) => {
    // A listing carries checksums and can be made again: nothing of it is ever fsynced.
    if (unsyncedFiles.has(from) && !isListing(from)) broken.push(`${from} is not durable before it is named ${to}`);
    const key = keyOf(to);
    if (key !== undefined) {
      if (!durablyWritten.has(key)) broken.push(`${key} is published before that it is written is durable`);
      namesOf.set(from, to);
    }
    unsyncedNames.add(to);
  };
  const directly =
    (write: NonNullable<OpenFile['writeDirect']>, path: string): typeof write =>
    (data) => {
      unsyncedFiles.add(path);
      return write(data);
    };
  const watched = (file: OpenFile, path: string): OpenFile => ({
    ...file,
    async write(data) {
      if (isJournal(path)) {
        const text = Buffer.from(data).toString('utf8');
        for (const { kind, key } of records(text))
          if (kind === 'recorded') requireName(join(small.vault, key), `${key} is recorded`);
        appended.set(path, (appended.get(path) ?? '') + text);
      }
      unsyncedFiles.add(path);
      await file.write(data);
    },
    ...(file.writeDirect === undefined ? {} : { writeDirect: directly(file.writeDirect, path) }),
    async sync() {
      await file.sync();
      unsyncedFiles.delete(path);
      if (unsyncedOnWay(path) === undefined)
        for (const { kind, key } of records(appended.get(path) ?? '')) if (kind === 'written') durablyWritten.add(key);
      appended.delete(path);
    },
  });
  return {
    broken,
    newRun() {
      appended = new Map();
      durablyWritten.clear();
    },
    files: (inner) => ({
      ...inner,
      async open(path, flags, mode) {
        const file = await inner.open(path, flags, mode);
        if (flags !== 'a') unsyncedNames.add(path);
        return watched(file, path);
      },
      async mkdir(path, mode) {
        await inner.mkdir(path, mode);
        unsyncedNames.add(path);
      },
      async link(existing, path) {
        named(existing, path);
        await inner.link(existing, path);
      },
      async rename(from, to) {
        named(from, to);
        await inner.rename(from, to);
        unsyncedNames.delete(from);
      },
      async unlink(path) {
        const published = namesOf.get(path);
        if (published !== undefined) requireName(published, `${path} is removed`);
        await inner.unlink(path);
        unsyncedNames.delete(path);
      },
      async syncFolder(path) {
        await inner.syncFolder(path);
        for (const name of unsyncedNames) if (dirname(name) === path) unsyncedNames.delete(name);
      },
    }),
  };
}
