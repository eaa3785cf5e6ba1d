import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { fileError, isStowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { type Database, sqlText } from '../shards/database.ts';
import type { StoredListing } from '../shards/stored-listing.ts';
import { removeOthers } from './index-build.ts';
import type { IndexState } from './index-state.ts';

/** Where the sums of a section's listing are kept. */
export interface SumsPlace {
  readonly files: FileOperations;
  /** The section's index folder. */
  readonly folder: string;
  /** Where they are made; '' if nothing can be written. */
  readonly work: string;
}

/**
 * The sums of a whole listing as a table of the database: those that were kept, while the index and the listing are the ones that they were made from; else they are made, by `make`, and
 * kept in place of all others. Undefined where nothing can be kept. `alias` is a name that the database does not have yet.
 */
export async function keptSums(
  database: Database,
  alias: string,
  { files, folder, work }: SumsPlace,
  [index, listing]: readonly [IndexState, StoredListing],
  make: (table: string) => Promise<void>,
): Promise<string | undefined> {
  const name = `usage-${keyOf(index, listing)}.duckdb`;
  const path = `${folder}/${name}`;
  const table = `${alias}.sums`;
  if (await isAttached(database, path, alias)) return table;
  if (work === '') return undefined;
  const [made, making] = [`${work}/${alias}.duckdb`, `${alias}_made`];
  await database.run(`ATTACH ${sqlText(made)} AS ${making}`);
  await make(`${making}.sums`);
  await database.run(`CHECKPOINT ${making}`);
  await database.run(`DETACH ${making}`);
  await files.rename(made, path).catch((error: unknown) => {
    throw fileError(`cannot give the sums of the listing their name in '${displayName(folder)}'`, error);
  });
  await removeOthers(files, folder, /^usage-[0-9a-f]{16}\.duckdb$/, [name]);
  await attach(database, path, alias);
  return table;
}

/** What the sums were made from: both files of the index have names that no other has, and a listing knows the checksums of its shards. */
function keyOf({ base, delta }: IndexState, { folder, roots, shards }: StoredListing): string {
  const from = JSON.stringify([base.name, delta?.name ?? '', folder.slice(folder.lastIndexOf('/')), roots, shards]);
  return createHash('sha256').update(from).digest('hex').slice(0, 16);
}

/** False if there are none, or none that can be read: then they are made anew. */
async function isAttached(database: Database, path: string, alias: string): Promise<boolean> {
  try {
    await stat(fsPath(path));
    await attach(database, path, alias);
    return true;
  } catch (error) {
    if (systemCode(error) !== undefined || isStowageError(error, 'corrupt', 'unavailable')) return false;
    throw error;
  }
}

async function attach(database: Database, path: string, alias: string): Promise<void> {
  await database.run(`ATTACH ${sqlText(path)} AS ${alias} (READ_ONLY)`);
}
