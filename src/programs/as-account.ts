import { findProgram } from './find-program.ts';

/** A user of this machine, as a program can be run in its name. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
  /** All of its groups, the primary one among them. */
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

/** How a program is started in the name of an account. */
export interface StartedAs {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * How a program is started in the name of another account: by spawn's own uid and gid, which leave it no further groups. An account that has
 * some keeps them through setpriv (util-linux), where that is there. The environment is that of `su` without a login: HOME, SHELL, USER, LOGNAME.
 */
export function startedAs(account: Account, program: string, args: readonly string[]): StartedAs {
  const { uid, gid, groups, home, shell, name } = account;
  const env = { HOME: home, SHELL: shell, USER: name, LOGNAME: name };
  if (process.geteuid?.() === uid) return { program, args, env };
  const setpriv = groups.some((group) => group !== gid) ? findProgram('setpriv') : undefined;
  if (setpriv === undefined) return { program, args, env, uid, gid };
  const identity = ['--reuid', String(uid), '--regid', String(gid), '--groups', groups.join(','), '--'];
  return { program: setpriv, args: [...identity, program, ...args], env };
}
