import type { FileOperations } from '../durable/file-operations.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { type Database, type DatabaseLimits, openDatabase, sqlText } from '../shards/database.ts';
import { escapeName, unescapeName } from '../shards/escaped-name.ts';
import { checkShards } from '../shards/stored-listing.ts';
import type { IndexState } from './index-state.ts';
import { keptSums } from './kept-sums.ts';
import { lineReader } from './line-reader.ts';
import { listingSums, sumOf, sumsBelow } from './listing-sums.ts';
import { type FoundMember, isWanted, type MemberQuery, type MemberStore } from './member-query.ts';
import { indexedTime, memberKinds } from './member-rows.ts';
import { indexFolder, type StateFolder } from './state-folder.ts';

/**
 * The members of a section, found by its index. The index only says where to look: what is told comes from the journals' own lines.
 * Throws `corrupt` with the fact `index` where it is damaged or does not fit the journals, `full` where memory or space does not suffice.
 */
export async function indexMembers(
  state: StateFolder,
  section: string,
  index: IndexState,
  limits: DatabaseLimits & { readonly files: FileOperations },
): Promise<MemberStore> {
  const database = await openDatabase('', limits);
  const lines = lineReader(state, section);
  const parts = index.delta === undefined ? ['base'] : ['base', 'delta'];
  try {
    for (const part of parts) {
      const { name } = part === 'base' ? index.base : index.delta!;
      await database.run(`ATTACH ${sqlText(`${indexFolder(state, section)}/${name}`)} AS ${part} (READ_ONLY)`);
    }
  } catch (error) {
    database.close();
    throw unfit(error);
  }
  const tables = new Map(['members', 'archives', 'folders'].map((table) => [table, allOf(table, parts)]));

  const toldBy = async (rows: readonly Row[]): Promise<readonly FoundMember[]> => {
    const members = await lines.members(rows.map(({ run, offset, length }) => ({ run, offset, length })));
    return members.map((member, at) => {
      const row = rows[at]!;
      if (member.path !== row.path) throw new StowageError('corrupt', 'the index does not fit the journals');
      return { archive: storeKey(row.key), member, since: row.since };
    });
  };
  let asked = 0;
  return {
    async *members(query) {
      try {
        const archives =
          query.archives === undefined ? '' : await chosenArchives(database, tables.get('archives')!, query.archives);
        const sql = memberSql(query, tables.get('members')!, tables.get('archives')!, archives);
        let told = 0;
        // Some rows may be dropped by the last look: then more of them are asked for, from where this stopped.
        for (let from = 0, count = query.limit; ; count = count! * 8) {
          let seen = 0;
          for await (const batch of database.rows(count === undefined ? sql : `${sql} LIMIT ${count} OFFSET ${from}`)) {
            seen += batch.length;
            const rows = batch.map(rowOf).filter(({ path }) => query.fits === undefined || query.fits(path));
            for (const found of await toldBy(rows)) {
              if (!isWanted(query, found.member)) continue;
              if (told === query.limit) return;
              told += 1;
              yield found;
            }
          }
          if (count === undefined || told === query.limit || seen < count) return;
          from += count;
        }
      } catch (error) {
        throw unfit(error);
      }
    },
    async *folders() {
      try {
        const sql = `SELECT folder, sum(files)::BIGINT, sum(bytes)::BIGINT FROM (${tables.get('folders')}) GROUP BY folder`;
        for await (const batch of database.rows(sql)) {
          for (const [folder, files, bytes] of batch) {
            yield { folder: unescapeName(String(folder)), files: Number(files), bytes: Number(bytes) };
          }
        }
      } catch (error) {
        throw unfit(error);
      }
    },
    async *onDisk(listing, below) {
      const sqlBelow = (place: string) => listingSums(listing, tables.get('members')!, tables.get('archives')!, place);
      asked += 1;
      const place = { ...limits, folder: indexFolder(state, section) };
      const kept = await keptSums(database, `usage${asked}`, place, [index, listing], sqlBelow(''));
      const isKept = kept !== undefined && (below === '' || !(await hasShared(database, kept)));
      if (!isKept) checkShards(listing, limits.signal);
      try {
        const sql = isKept ? sumsBelow(kept, below) : sqlBelow(below);
        for await (const batch of database.rows(sql)) yield* batch.map(sumOf);
      } catch (error) {
        throw unfit(error);
      }
    },
    async archivesBelow(paths) {
      const found = paths.map(() => new Set<StoreKey>());
      for (let from = 0; from < paths.length; from += pathsAtOnce) {
        const sql = belowSql(paths.slice(from, from + pathsAtOnce), tables);
        try {
          for await (const batch of database.rows(sql)) {
            for (const [at, key] of batch) found[from + Number(at)]!.add(storeKey(unescapeName(String(key))));
          }
        } catch (error) {
          throw unfit(error);
        }
      }
      return found;
    },
    async *shared() {
      const members = `SELECT path, archive FROM (${tables.get('members')}) WHERE kind <> ${memberKinds.directory}`;
      const several = `SELECT path FROM (${members}) GROUP BY path HAVING count(*) > 1`;
      const sql = `SELECT m.path, string_agg(a.key, ',') FROM (${members}) m JOIN (${tables.get('archives')}) a ON a.number = m.archive WHERE m.path IN (${several}) GROUP BY m.path`;
      try {
        for await (const batch of database.rows(sql)) {
          for (const [path, keys] of batch)
            yield [
              unescapeName(String(path)),
              String(keys)
                .split(',')
                .map((key) => storeKey(unescapeName(key))),
            ];
        }
      } catch (error) {
        throw unfit(error);
      }
    },
    async close() {
      database.close();
      await lines.close();
    },
  };
}

interface Row {
  readonly path: string;
  readonly key: string;
  readonly since: string;
  readonly run: string;
  readonly offset: number;
  readonly length: number;
}

function rowOf([path, key, since, run, place, length]: readonly unknown[]): Row {
  return {
    path: unescapeName(String(path)),
    key: unescapeName(String(key)),
    since: unescapeName(String(since)),
    run: String(run),
    offset: Number(place),
    length: Number(length),
  };
}

/** True if files of the listing have several names: only those below one folder can tell which of them counts there. */
async function hasShared(database: Database, sums: string): Promise<boolean> {
  try {
    let shared = 0;
    for await (const batch of database.rows(`SELECT coalesce(max(shared), 0)::BIGINT FROM ${sums}`)) {
      for (const [most] of batch) shared = Number(most);
    }
    return shared > 0;
  } catch (error) {
    throw unfit(error);
  }
}

/** A table over all parts of the index, without the archives of the base that are over. */
function allOf(table: string, parts: readonly string[]): string {
  const number = table === 'archives' ? 'number' : 'archive';
  if (parts.length === 1) return `SELECT * FROM base.${table}`;
  return `SELECT * FROM base.${table} WHERE ${number} NOT IN (SELECT number FROM delta.over) UNION ALL SELECT * FROM delta.${table}`;
}

function memberSql(query: MemberQuery, members: string, archives: string, chosen: string): string {
  const where: string[] = [];
  if (query.directories !== true) where.push(`kind <> ${memberKinds.directory}`);
  if (query.holdsOneOf !== undefined) {
    const texts = query.holdsOneOf.map((text) => `contains(path, ${sqlText(escapeName(text))})`);
    where.push(`(${texts.join(' OR ')})`);
  }
  const { bytes, mtimeNs, below = '' } = query;
  if (bytes?.from !== undefined) where.push(`bytes >= ${bytes.from}`);
  if (bytes?.to !== undefined) where.push(`bytes <= ${bytes.to}`);
  if (mtimeNs?.from !== undefined) where.push(`mtime >= ${indexedTime(mtimeNs.from)}`);
  if (mtimeNs?.to !== undefined) where.push(`mtime <= ${indexedTime(mtimeNs.to)}`);
  const prefix = below === '' ? '' : `${escapeName(below)}/`;
  if (prefix !== '') where.push(`starts_with(path, ${sqlText(prefix)})`);
  if (query.direct === true) where.push(`NOT contains(substr(path, ${[...prefix].length + 1}), '/')`);
  if (chosen !== '') where.push(chosen);
  const wanted = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  // Escaped names are not in the order of their bytes: those that are escaped bring them.
  return `SELECT m.path, a.key, coalesce(m.since, a.recorded), a.run, m.place, m.length
    FROM (SELECT * FROM (${members}) ${wanted}) m JOIN (${archives}) a ON a.number = m.archive
    ORDER BY coalesce(m.sort, encode(m.path)), a.key`;
}

/** So many paths are looked up by one query. */
const pathsAtOnce = 500;

/** Which archives hold the n-th of these paths, or something below it: a folder with anything but directories in it is in the table of folders. */
function belowSql(paths: readonly string[], tables: ReadonlyMap<string, string>): string {
  const wanted = paths.map((path, at) => `(${at}, ${sqlText(escapeName(path))})`).join(', ');
  return `WITH wanted(n, path) AS (VALUES ${wanted})
    SELECT DISTINCT held.n, a.key FROM (
      SELECT w.n, m.archive FROM wanted w JOIN (${tables.get('members')}) m ON m.path = w.path
      UNION ALL SELECT w.n, f.archive FROM wanted w JOIN (${tables.get('folders')}) f ON f.folder = w.path OR starts_with(f.folder, w.path || '/')
      UNION ALL SELECT w.n, d.archive FROM wanted w JOIN (SELECT * FROM (${tables.get('members')}) WHERE kind = ${memberKinds.directory}) d ON starts_with(d.path, w.path || '/')
      UNION ALL SELECT w.n, a.number FROM wanted w, (${tables.get('archives')}) a WHERE w.path = ''
    ) held JOIN (${tables.get('archives')}) a ON a.number = held.archive`;
}

/** The condition that a row is of an archive that is asked for. */
async function chosenArchives(
  database: Database,
  archives: string,
  wanted: NonNullable<MemberQuery['archives']>,
): Promise<string> {
  const numbers: number[] = [];
  for await (const batch of database.rows(`SELECT number, key FROM (${archives})`)) {
    for (const [number, key] of batch) if (wanted(storeKey(unescapeName(String(key))))) numbers.push(Number(number));
  }
  await database.run(
    `CREATE OR REPLACE TEMP TABLE chosen AS SELECT unnest([${numbers.join(',')}]::UINTEGER[]) AS number`,
  );
  return 'archive IN (SELECT number FROM chosen)';
}

/** What the index cannot do because of itself: with it made anew the same may go well. */
function unfit(error: unknown): unknown {
  if (!isStowageError(error, 'corrupt', 'unavailable')) return error;
  return new StowageError('corrupt', `the index cannot be used: ${error.message}`, {
    hint: 'run the same command again: it makes the index anew',
    facts: { ...error.facts, index: true },
    cause: error,
  });
}
