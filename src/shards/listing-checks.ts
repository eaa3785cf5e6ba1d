import { openDatabase, sqlText } from './database.ts';
import { unescapeName } from './escaped-name.ts';
import { listingColumns } from './listing-row.ts';
import type { StoredListing } from './stored-listing.ts';

/** What only a look over all rows of a list tells that another program made. */
export interface ListingChecks {
  /** Some paths that stand in it more than once. */
  readonly duplicates: readonly string[];
  /** Directories below which nothing stands: path and number of the root. */
  readonly empty: AsyncIterable<{ readonly path: string; readonly disk: number }>;
  close(): void;
}

/** Looks over a listing without holding it in memory; `work` is a folder for what does not fit there. Rejects with `full` or `corrupt`. */
export async function listingChecks(
  listing: StoredListing,
  work: string,
  signal: AbortSignal | undefined,
): Promise<ListingChecks> {
  const database = await openDatabase('', { work, ...(signal === undefined ? {} : { signal }) });
  const names = listing.shards.map((shard) => sqlText(`${listing.folder}/${shard.name}`)).join(', ');
  const columns = listingColumns.split(',').map((name) => `${name}: 'VARCHAR'`);
  const options = `delim = ',', quote = '', escape = '', header = true, auto_detect = false, columns = {${columns.join(', ')}}`;
  try {
    await database.run(`create view listed as select * from read_csv([${names}], ${options})`);
    const duplicates: string[] = [];
    for await (const rows of database.rows(
      'select path from listed group by path, disk having count(*) > 1 order by path limit 10',
    )) {
      duplicates.push(...rows.map(([path]) => unescapeName(String(path))));
    }
    return { duplicates, empty: emptyIn(database), close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function* emptyIn(
  database: Awaited<ReturnType<typeof openDatabase>>,
): AsyncGenerator<{ path: string; disk: number }> {
  const parents = "select distinct disk, regexp_extract(path, '^(.*)/', 1) as path from listed";
  const query = `select one.path, one.disk from listed one anti join (${parents}) above
    on one.disk = above.disk and one.path = above.path where one.type = 'd'`;
  for await (const rows of database.rows(query)) {
    for (const [path, disk] of rows) yield { path: unescapeName(String(path)), disk: Number(disk) };
  }
}
