import { exits } from './system/hpss-error.ts';

/** Lines that a program prints when it cannot go on at all, and its exit status (specification 1, error text). */
export interface FailureText {
  readonly lines: readonly string[];
  readonly exit: number;
}

/** The token, keytab or .netrc is not valid any more. The telling line is not the first, and the one with the stars not the telling one. */
export const authenticationFailed: FailureText = {
  lines: [
    'result = -11000, errno = 29',
    'Unable to authenticate user with HPSS.',
    'Unable to setup communication to HPSS...',
    '*** HSI: error opening logging',
    'Error - authentication/initialization failed',
  ],
  exit: exits.permission,
};

/** The keytab is not there. */
export const keytabMissing: FailureText = {
  lines: [
    '*** hpssex_OpenConnection: Unable to authenticate user with remote gateway at 128.211.138.40.1217result = -2, errno = 9',
    'Unable to setup communication to HPSS...',
    'Error - authentication/initialization failed',
  ],
  exit: exits.permission,
};

/** HPSS is down, or there is no such site. */
export const systemDown: FailureText = {
  lines: [
    'hpssex_OpenConnection: unable to obtain remote site info',
    'result = -5000, errno = 0',
    'Unable to setup communication to HPSS...',
    'HPSS Unavailable',
  ],
  exit: exits.unavailable,
};

/** The connection was lost. */
export const connectionLost: FailureText = {
  lines: ['connect: Connection refused', 'Unable to setup communication to HPSS...', 'Aborting transfer'],
  exit: exits.osError,
};

/** The user has too many sessions already. */
export const tooManySessions: FailureText = {
  lines: ['*** HSI: too many sessions for this user', 'Error - authentication/initialization failed'],
  exit: exits.temporary,
};

/** Neither program can tell which system it stands in for. */
export function noSystem(program: string, variable: string): FailureText {
  return {
    lines: [
      `${program} (a stand-in): no scratch system: run 'stowage sandbox hpss DIR', and set HPSS_DIR or ${variable} to it`,
    ],
    exit: exits.unavailable,
  };
}
