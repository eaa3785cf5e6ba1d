import { readFile } from 'node:fs/promises';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Account } from './as-account.ts';
import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';

/** The user of this name. Throws `missing` if there is none. */
export async function accountOf(name: string): Promise<Account> {
  const fields = await lookUp('passwd', name);
  const [, , uid, gid, , home, shell] = fields ?? [];
  if (fields === undefined || !isNumber(uid) || !isNumber(gid)) throw noSuch('user', name);
  const { stdout } = await runProgram('id', ['-G', name]);
  const groups = stdout.toString('latin1').split(/\s+/).filter(isNumber).map(Number);
  return {
    name: fields[0]!,
    uid: Number(uid),
    gid: Number(gid),
    groups,
    home: home === undefined || home === '' ? '/' : home,
    shell: shell === undefined || shell === '' ? '/bin/sh' : shell,
  };
}

/** The number of the user of this name. Throws `missing` if there is none. */
export async function userIdOf(name: string): Promise<number> {
  const uid = (await lookUp('passwd', name))?.[2];
  if (!isNumber(uid)) throw noSuch('user', name);
  return Number(uid);
}

/** The number of the group of this name. Throws `missing` if there is none. */
export async function groupIdOf(name: string): Promise<number> {
  const gid = (await lookUp('group', name))?.[2];
  if (!isNumber(gid)) throw noSuch('group', name);
  return Number(gid);
}

/** The fields of a line of a database of the system: of its file, or else of whatever getent asks (LDAP), where that is there. */
async function lookUp(database: 'passwd' | 'group', name: string): Promise<readonly string[] | undefined> {
  if (name === '' || /[:\n\0]/.test(name) || name.startsWith('-')) return undefined;
  const found = lineOf(await fileText(database), name);
  return found ?? (findProgram('getent') === undefined ? undefined : lineOf(await getent(database, name), name));
}

function lineOf(text: string, name: string): readonly string[] | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
}

async function getent(database: string, name: string): Promise<string> {
  // Status 2: it is not there.
  const { stdout } = await runProgram('getent', [database, name], { successStatuses: [0, 2] });
  return stdout.toString('utf8');
}

async function fileText(database: string): Promise<string> {
  try {
    return await readFile(`/etc/${database}`, 'utf8');
  } catch (cause) {
    throw new StowageError('unavailable', `cannot read /etc/${database}`, { cause });
  }
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

function noSuch(what: 'user' | 'group', name: string): StowageError {
  return new StowageError('missing', `there is no ${what} '${displayName(name)}' on this machine`, {
    hint: what === 'user' ? `adduser --system ${displayName(name)}` : `addgroup --system ${displayName(name)}`,
  });
}
