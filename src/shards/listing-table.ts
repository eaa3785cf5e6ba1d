import { sqlText } from './database.ts';
import { listingColumns } from './listing-row.ts';
import type { StoredListing } from './stored-listing.ts';

const numbers: Readonly<Record<string, string>> = { disk: 'USMALLINT', bytes: 'BIGINT', mtime_ns: 'HUGEINT' };

/** What is read of a shard at once. Each thread holds some of these: the database's own choice, 32 MB, would leave nothing of a small fence for the work. */
const bytesAtOnce = 4 * 2 ** 20;

/**
 * The rows of a listing as a table of SQL, with the columns of a shard; what is empty is NULL. The folder's name must be UTF-8. The database knows no checksums: see
 * `checkShards`.
 */
export function listingTable({ folder, shards }: StoredListing): string {
  const columns = listingColumns.split(',').map((name) => `${name}: ${sqlText(numbers[name] ?? 'VARCHAR')}`);
  if (shards.length === 0) {
    const none = listingColumns.split(',').map((name) => `NULL::${numbers[name] ?? 'VARCHAR'} AS ${name}`);
    return `(SELECT ${none.join(', ')} WHERE false)`;
  }
  const files = shards.map(({ name }) => sqlText(`${folder}/${name}`));
  return `read_csv([${files.join(', ')}], header=true, auto_detect=false, buffer_size=${bytesAtOnce}, delim=',', quote='', escape='', new_line='\\n', nullstr='', columns={${columns.join(', ')}})`;
}
