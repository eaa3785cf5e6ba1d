import { readFile } from 'node:fs/promises';
import { plainReason, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import {
  type PoolReading,
  type PoolReadingOptions,
  readPoolConfiguration,
} from './configuration/read-pool-configuration.ts';

/** Reads the configuration of a pool from a file. Throws `configuration` if it cannot be read; what is wrong in it is in the answer. */
export async function inspectPool(path: string, options: PoolReadingOptions = {}): Promise<PoolReading> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(fsPath(path));
  } catch (error) {
    const hint = systemCode(error) === 'ENOENT' ? 'stowage pool import makes one from a cback3.conf' : undefined;
    throw new StowageError('configuration', `cannot read '${displayName(path)}': ${plainReason(error)}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
  return readPoolConfiguration(bytes, path, options);
}
