import type { FileOperations } from '../durable/file-operations.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { type Database, type DatabaseLimits, openDatabase, sqlText } from '../shards/database.ts';
import { unescapeName } from '../shards/escaped-name.ts';
import { checkShards, type StoredListing } from '../shards/stored-listing.ts';
import type { IndexState } from './index-state.ts';
import { keptSums } from './kept-sums.ts';
import { lineReader } from './line-reader.ts';
import { listingSums, sumOf, sumsBelow } from './listing-sums.ts';
import { type FoundMember, isWanted, type MemberQuery, type MemberStore } from './member-query.ts';
import { belowSql, indexTablesOf, memberSql, sharedSql } from './member-sql.ts';
import { indexFolder, type StateFolder } from './state-folder.ts';

/**
 * The members of a section, found by its index. The index only says where to look: what is told comes from the journals' own lines.
 * Throws `corrupt` with the fact `index` where it is damaged or does not fit the journals, `full` where memory or space does not suffice.
 */
export async function indexMembers(
  state: StateFolder,
  section: string,
  index: IndexState,
  limits: DatabaseLimits & { readonly files: FileOperations; readonly rowsAtOnce?: number },
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
  const tables = indexTablesOf(parts);

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
          query.archives === undefined ? '' : await chosenArchives(database, tables.archives, query.archives);
        const sql = memberSql(query, tables, archives);
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
        const sql = `SELECT folder, sum(files)::BIGINT, sum(bytes)::BIGINT FROM (${tables.folders}) GROUP BY folder`;
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
      asked += 1;
      const make = async (table: string, from: string): Promise<void> => {
        checkShards(listing, limits.signal);
        const parts = partsOf(index, listing, limits.rowsAtOnce);
        try {
          for (const sql of listingSums({ ...tables, listing, below: from, table, parts })) await database.run(sql);
        } catch (error) {
          throw unfit(error);
        }
      };
      const place = { ...limits, folder: indexFolder(state, section) };
      const kept = await keptSums(database, `usage${asked}`, place, [index, listing], (table) => make(table, ''));
      const isKept = kept !== undefined && (below === '' || !(await hasShared(database, kept)));
      const table = isKept ? kept : `memory.usage${asked}`;
      if (!isKept) await make(table, below);
      try {
        const sql = isKept ? sumsBelow(table, below) : `SELECT * FROM ${table}`;
        for await (const batch of database.rows(sql)) yield* batch.map(sumOf);
      } catch (error) {
        throw unfit(error);
      }
    },
    async archivesBelow(paths) {
      const found = paths.map(() => new Set<StoreKey>());
      try {
        const { prepare, ask } = belowSql(paths, tables);
        for (const sql of prepare) await database.run(sql);
        for await (const batch of database.rows(ask)) {
          for (const [at, key] of batch) found[Number(at)]!.add(storeKey(unescapeName(String(key))));
        }
      } catch (error) {
        throw unfit(error);
      }
      return found;
    },
    async *shared() {
      try {
        for await (const batch of database.rows(sharedSql(tables))) {
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

/** Seen: so many are compared within 128 MiB, twice as many not always within the 256 that the database has. */
const defaultRowsAtOnce = 10_000_000;

/** In how many parts a listing is compared with the members. */
function partsOf({ base, delta }: IndexState, { shards }: StoredListing, rowsAtOnce = defaultRowsAtOnce): number {
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  return Math.max(1, Math.ceil((rows + base.members + (delta?.members ?? 0)) / rowsAtOnce));
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
