import { StowageError } from '../../errors.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { executeAmazonS3 } from './amazons3.ts';
import { executeCapacity } from './capacity.ts';
import { executeMysql, executePostgresql } from './databases.ts';
import { executeEncrypt } from './encrypt.ts';
import { executeMbox } from './mbox.ts';
import { executeSplit } from './split.ts';
import { executeSubversion } from './subversion.ts';
import { executeSysinfo } from './sysinfo.ts';

/** The extensions that there are, by the last part of the name of Cedar Backup's module. */
const extensions: Readonly<Record<string, (run: PoolRun) => AsyncGenerator<PoolEvent>>> = {
  encrypt: executeEncrypt,
  split: executeSplit,
  mysql: executeMysql,
  postgresql: executePostgresql,
  subversion: executeSubversion,
  mbox: executeMbox,
  sysinfo: executeSysinfo,
  capacity: executeCapacity,
  amazons3: executeAmazonS3,
};

/** The names of the extensions. */
export const extensionNames: readonly string[] = Object.keys(extensions);

/** The extension of a module. Throws `configuration`, and names it, for one that cannot be had: Python code of one's own is run by nobody here. */
export function extensionOf(module: string): (run: PoolRun) => AsyncGenerator<PoolEvent> {
  const name = /^CedarBackup[23]\.extend\.([a-z0-9]+)$/.exec(module)?.[1];
  if (name !== undefined && Object.hasOwn(extensions, name)) return extensions[name]!;
  throw new StowageError('configuration', `there is no extension '${module}' in this version of Stowage`, {
    hint: `it has ${extensionNames.join(', ')}; other commands can be run as hooks`,
  });
}
