import { tmpdir } from 'node:os';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { archiveStem } from '../collect/archive-names.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import type { DatabaseSettings } from '../configuration/extension-sections.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { dumpProgram } from './dump-program.ts';
import { collectOf, extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';

/** Dumps MySQL or MariaDB databases by `mysqldump`. A password goes to it in a file that nobody else can read. */
export async function* executeMysql(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = sectionOf(run.configuration.sections.mysql, 'mysql');
  const secret = section.password === undefined ? undefined : await temporaryFolder(tmpdir());
  try {
    const quoted = section.password?.replace(/["\\]/g, '\\$&');
    const file = await secret?.write('client.cnf', Buffer.from(`[client]\npassword="${quoted}"\n`));
    yield* dumpAll(run, 'mysql', section, 'mysqldump', (name) => ({
      program: 'mysqldump',
      args: [
        ...(file === undefined ? [] : [`--defaults-extra-file=${file}`]),
        '--flush-logs',
        '--opt',
        ...(section.user === undefined ? [] : [`--user=${section.user}`]),
        ...(name === undefined ? ['--all-databases'] : ['--databases', name]),
      ],
    }));
  } finally {
    await secret?.remove();
  }
}

/** Dumps PostgreSQL databases by `pg_dump` and `pg_dumpall`, which ask for no password: ~/.pgpass has it, or the server needs none. */
export function executePostgresql(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = sectionOf(run.configuration.sections.postgresql, 'postgresql');
  return dumpAll(run, 'postgresql', section, 'postgresqldump', (name) => ({
    program: name === undefined ? 'pg_dumpall' : 'pg_dump',
    args: [
      '--no-password',
      ...(section.user === undefined ? [] : [`--username=${section.user}`]),
      ...(name === undefined ? [] : [`--dbname=${connection(name)}`]),
    ],
  }));
}

/** A name of a database that is taken for nothing else: text with `=` in it would be settings of a connection. */
function connection(name: string): string {
  return `dbname='${name.replace(/['\\]/g, '\\$&')}'`;
}

async function* dumpAll(
  run: PoolRun,
  action: string,
  section: DatabaseSettings,
  file: string,
  command: (database: string | undefined) => { readonly program: string; readonly args: readonly string[] },
): AsyncGenerator<PoolEvent> {
  const collectDir = withoutSlash(collectOf(run, action).collectDir);
  for (const name of section.all ? [undefined] : section.databases) {
    const what = name === undefined ? 'all databases' : `the database [${displayName(name)}]`;
    try {
      if (name?.startsWith('-'))
        throw new StowageError('refused', `'${displayName(name)}' would be taken for an option`);
      const target = `${collectDir}/${file}${name === undefined ? '' : `-${archiveStem(name)}`}.txt`;
      const { path, bytes } = await dumpProgram(run, { ...command(name), target, compression: section.compressMode });
      yield extensionEvent(action, 'info', 'collected', `Collected ${what} into [${displayName(path)}].`, {
        path,
        bytes,
      });
    } catch (error) {
      yield extensionFailure(action, `Error collecting ${what}`, error);
    }
  }
}
