import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import type { ScratchFolder } from '../durable/scratch-folder.ts';
import { fsPath } from '../model/byte-name.ts';
import { type Database, openDatabase, sqlText } from '../shards/database.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { ArchiveRecord } from './archive-record.ts';
import type { Catalog } from './catalog.ts';
import type { IndexFile, IndexState } from './index-state.ts';
import { timesOf } from './listing-sums.ts';
import { memberColumns, memberRows } from './member-rows.ts';
import { indexFolder, type StateFolder } from './state-folder.ts';

/** What making an index needs. */
export interface IndexWork {
  readonly files: FileOperations;
  readonly state: StateFolder;
  readonly folder: ScratchFolder;
  readonly signal?: AbortSignal;
  readonly memoryMiB?: number;
  readonly workMiB?: number;
  /** Told how many members are in it. */
  readonly progress?: (members: number, of: number) => void;
}

/** Rows go to the database in pieces of this size, so that a build needs little space besides. */
const pieceBytes = 24 << 20;

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
  const database = await openDatabase(built, { ...work, work: work.folder.path });
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
  await work.files.rename(built, `${folder}/${name}`);
  return { name, bytes: Number((await stat(fsPath(`${folder}/${name}`))).size), members };
}

/** Removes database files that the state does not name: a reader that has one open keeps it. */
export async function removeOldIndexFiles(work: IndexWork, section: string, now: IndexState): Promise<void> {
  const folder = indexFolder(work.state, section);
  const used = new Set([now.base.name, now.delta?.name]);
  for (const name of await readdir(fsPath(folder))) {
    if (!/^members-[0-9a-f]{16}\.duckdb(\.wal)?$/.test(name) || used.has(name)) continue;
    // Another process may have been faster.
    await work.files.unlink(`${folder}/${name}`).catch(() => undefined);
  }
}

async function createTables(database: Database): Promise<void> {
  const columns = Object.entries(memberColumns).map(([name, type]) => `${name} ${name === 'sort' ? 'BLOB' : type}`);
  await database.run(`CREATE TABLE members(${columns.join(', ')})`);
  await database.run(
    'CREATE TABLE archives(number UINTEGER, key VARCHAR, recorded VARCHAR, run VARCHAR, place BIGINT, times UTINYINT)',
  );
  await database.run('CREATE TABLE folders(archive UINTEGER, folder VARCHAR, files BIGINT, bytes BIGINT)');
  await database.run('CREATE TABLE over(number UINTEGER)');
}

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
  let archiveLines = '';
  let folderLines = '';
  let members = 0;
  const load = async (): Promise<void> => {
    await insert(database, work, 'members', [rows.take()], memberColumns, {
      sort: "unhex(nullif(sort, ''))",
      since: "nullif(since, '')",
      target: "nullif(target, '')",
    });
    await insert(database, work, 'archives', [Buffer.from(archiveLines)], archiveColumns);
    await insert(database, work, 'folders', [Buffer.from(folderLines)], folderColumns);
    archiveLines = '';
    folderLines = '';
  };
  for await (const [record, { bytes, ends }] of catalog.blocks(records)) {
    const number = numbers.get(record)!;
    const { key, lines } = record.head;
    archiveLines += `${number},${escapeName(key)},${escapeName(record.recordedAt)},${lines.run},${lines.offset},${timesOf(record.head)}\n`;
    const since = record.recording.earlier === undefined ? undefined : await catalog.sinceOf(record);
    let from = 0;
    for (const end of ends) {
      const place = lines.offset + from;
      if (since === undefined || since.size === 0) rows.add(bytes, from, end, number, place);
      else rows.addSince(bytes, from, end, number, place, since);
      from = end + 1;
    }
    for (const [folder, one] of folders) folderLines += `${number},${folder},${one.files},${one.bytes}\n`;
    folders.clear();
    members += ends.length;
    work.progress?.(members, total);
    if (rows.size() > pieceBytes) await load();
    work.signal?.throwIfAborted();
  }
  await load();
  return members;
}

const archiveColumns = {
  number: 'UINTEGER',
  key: 'VARCHAR',
  recorded: 'VARCHAR',
  run: 'VARCHAR',
  place: 'BIGINT',
  times: 'UTINYINT',
};
const folderColumns = { archive: 'UINTEGER', folder: 'VARCHAR', files: 'BIGINT', bytes: 'BIGINT' };

/** Names in rows are escaped, so that a row needs no quotes. */
async function insert(
  database: Database,
  work: IndexWork,
  table: string,
  pieces: readonly Buffer[],
  columns: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>> = {},
): Promise<void> {
  const path = `${work.folder.path}/rows.csv`;
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    const file = await work.files.open(path, 'w');
    try {
      await file.write(piece);
    } finally {
      await file.close();
    }
    const types = Object.entries(columns).map(([name, type]) => `${name}: ${sqlText(type)}`);
    const read = `read_csv(${sqlText(path)}, header=false, auto_detect=false, delim=',', quote='', escape='', new_line='\\n', nullstr='\\N', columns={${types.join(', ')}})`;
    const select = Object.keys(columns).map((name) => changed[name] ?? name);
    await database.run(`INSERT INTO ${table} SELECT ${select.join(', ')} FROM ${read}`);
    await work.files.unlink(path);
  }
}
