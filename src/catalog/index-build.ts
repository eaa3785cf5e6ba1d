import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { type Database, openDatabase } from '../shards/database.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { ArchiveRecord } from './archive-record.ts';
import type { Catalog } from './catalog.ts';
import { type IndexWork, indexLoader, indexTables } from './index-loader.ts';
import type { IndexFile, IndexState } from './index-state.ts';
import { timesOf } from './listing-sums.ts';
import { memberRows } from './member-rows.ts';
import { indexFolder } from './state-folder.ts';

/** Rows go to the database in pieces of this size, so that a build needs little memory and space besides. */
const pieceBytes = 8 << 20;

/** What the database may take while it only takes rows in. */
const limits = { memoryMiB: 128, threads: 1 };

/**
 * Makes a database file of these archives and gives it its name in the section's index folder. `over`: archives of the base, by
 * their numbers, that are no longer current. Killed in between, it leaves only a work folder, which the next one removes.
 */
export async function buildIndexFile(
  work: IndexWork,
  catalog: Catalog,
  records: readonly ArchiveRecord[],
  firstNumber: number,
  over: readonly number[],
): Promise<IndexFile> {
  const built = `${work.folder.path}/members.duckdb`;
  const database = await openDatabase(built, { ...limits, ...work, work: work.folder.path });
  let members = 0;
  try {
    await createTables(database);
    members = await fill(database, work, catalog, records, firstNumber);
    for (let from = 0; from < over.length; from += 10_000) {
      const numbers = over.slice(from, from + 10_000).map((number) => `(${number})`);
      await database.run(`INSERT INTO over VALUES ${numbers.join(',')}`);
    }
    await database.run('CHECKPOINT');
  } finally {
    database.close();
  }
  const name = `members-${randomBytes(8).toString('hex')}.duckdb`;
  const folder = indexFolder(work.state, catalog.section);
  await makeFolder(work.files, folder);
  await work.files.rename(built, `${folder}/${name}`).catch((error: unknown) => {
    throw fileError(`cannot give the index its name in '${displayName(folder)}'`, error);
  });
  return { name, bytes: Number((await stat(fsPath(`${folder}/${name}`))).size), members };
}

/** Removes database files that the state does not name. */
export async function removeOldIndexFiles(work: IndexWork, section: string, now: IndexState): Promise<void> {
  const used = [now.base.name, ...(now.delta === undefined ? [] : [now.delta.name])];
  await removeOthers(work.files, indexFolder(work.state, section), /^members-[0-9a-f]{16}\.duckdb(\.wal)?$/, used);
}

/** Removes the files of a folder with such names, but for these: a reader that has one open keeps it. */
export async function removeOthers(
  files: FileOperations,
  folder: string,
  names: RegExp,
  used: readonly string[],
): Promise<void> {
  for (const name of await readdir(fsPath(folder))) {
    if (!names.test(name) || used.includes(name)) continue;
    // Another process may have been faster.
    await files.unlink(`${folder}/${name}`).catch(() => undefined);
  }
}

async function createTables(database: Database): Promise<void> {
  for (const [table, columns] of Object.entries(indexTables)) {
    // Of a name that is escaped, its bytes are what it is sorted by.
    const typed = Object.entries(columns).map(([name, type]) => `${name} ${name === 'sort' ? 'BLOB' : type}`);
    await database.run(`CREATE TABLE ${table}(${typed.join(', ')})`);
  }
  await database.run('CREATE TABLE over(number UINTEGER)');
}

const noneEarlier: ReadonlyMap<string, string> = new Map();

async function fill(
  database: Database,
  work: IndexWork,
  catalog: Catalog,
  records: readonly ArchiveRecord[],
  firstNumber: number,
): Promise<number> {
  const total = records.reduce((sum, { head }) => sum + head.members, 0);
  const folders = new Map<string, { files: number; bytes: number }>();
  const rows = memberRows((folder, bytes, shares) => {
    const one = folders.get(folder) ?? { files: 0, bytes: 0 };
    one.files += 1;
    if (!shares) one.bytes += bytes;
    folders.set(folder, one);
  });
  const numbers = new Map(records.map((record, index) => [record, firstNumber + index]));
  const loader = indexLoader(database, work);
  let archiveLines: string[] = [];
  let folderLines: string[] = [];
  let members = 0;
  const load = async (): Promise<void> => {
    const [archives, folders] = [archiveLines, folderLines].map((lines) => Buffer.from(lines.join('')));
    archiveLines = [];
    folderLines = [];
    await loader.load({ members: rows.take(), archives: archives!, folders: folders! });
  };
  try {
    for await (const [record, { bytes, ends }] of catalog.blocks(records)) {
      const number = numbers.get(record)!;
      const { key, lines } = record.head;
      archiveLines.push(
        `${number},${escapeName(key)},${escapeName(record.recordedAt)},${lines.run},${lines.offset},${timesOf(record.head)}\n`,
      );
      const since = record.recording.earlier === undefined ? undefined : await catalog.sinceOf(record);
      let from = 0;
      for (const end of ends) {
        const place = lines.offset + from;
        // Of what others made more must be known than the bytes of the line tell at once.
        if (!record.head.adopted && (since === undefined || since.size === 0))
          rows.add(bytes, from, end, number, place);
        else rows.addSince(bytes, from, end, number, place, since ?? noneEarlier);
        from = end + 1;
        if (rows.size() > pieceBytes) await load();
      }
      for (const [folder, one] of folders) folderLines.push(`${number},${folder},${one.files},${one.bytes}\n`);
      folders.clear();
      members += ends.length;
      work.progress?.(members, total);
      work.signal?.throwIfAborted();
    }
    await load();
    await loader.end();
    return members;
  } catch (error) {
    // The database must not be at work any more when it is closed.
    await loader.end().catch(() => undefined);
    throw error;
  }
}
