import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Environment, variable } from './environment.ts';

/** Where the files of a user's credentials lie, by the rules of alien.py. */
export interface Places {
  readonly home: string;
  readonly temporary: string;
  readonly userCertificate: string;
  readonly userKey: string;
  readonly tokenCertificate: string;
  readonly tokenKey: string;
  /** The file in which an agent of this user tells its port. */
  readonly agent: string;
}

/** The places for this environment and user. */
export function placesOf(env: Environment, uid: number = process.getuid?.() ?? 0): Places {
  const home = env.HOME || homedir();
  const temporary = temporaryFolderOf(env);
  return {
    home,
    temporary,
    userCertificate: variable(env, 'X509_USER_CERT') ?? join(home, '.globus/usercert.pem'),
    userKey: variable(env, 'X509_USER_KEY') ?? join(home, '.globus/userkey.pem'),
    tokenCertificate: join(temporary, `tokencert_${uid}.pem`),
    tokenKey: join(temporary, `tokenkey_${uid}.pem`),
    agent: join(temporary, `jclient_token_${uid}`),
  };
}

/** The folder for temporary files as Python finds it: TMPDIR, TEMP, TMP, then the usual ones, whichever can be written first. */
function temporaryFolderOf(env: Environment): string {
  const candidates = [env.TMPDIR, env.TEMP, env.TMP, '/tmp', '/var/tmp', '/usr/tmp', process.cwd()];
  return candidates.find((folder) => folder && isWritableFolder(folder)) ?? '/tmp';
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
