import { mkdirSync } from 'node:fs';
import { type DayPool, dayPool } from './day-pool.ts';

/** A pool whose days go into a directory store, and whose staging directory may be purged at once. */
export interface VaultPool extends DayPool {
  readonly vault: string;
}

/** Makes such a pool with an empty store; `store` is put into its section store. */
export async function vaultPool(store = ''): Promise<VaultPool> {
  const purge = '<purge><dir><abs_path>@ROOT@/stage</abs_path><retain_days>0</retain_days></dir></purge>';
  const pool = await dayPool(`<target>dir:@ROOT@/vault</target>${store}`, purge);
  const vault = `${pool.root}/vault`;
  mkdirSync(vault);
  return { ...pool, vault };
}
