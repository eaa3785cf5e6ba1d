import { findAuthorities } from './credentials/authorities.ts';
import type { Credential } from './credentials/credential.ts';
import type { Environment } from './environment.ts';
import { type Session, type SessionOptions, xrootdSession } from './xrootd/session.ts';

/**
 * A session with storage elements. Those that encrypt are verified with the authorities of the Grid, or with those of Node.js where there are none; they are shown the certificate, where
 * there is one. Nothing is connected before the first call; it must be closed.
 */
export function storageSession(
  env: Environment,
  credential?: Pick<Credential, 'certificate' | 'key'>,
  options: SessionOptions = {},
): Session {
  const authorities = authoritiesOf(env);
  return xrootdSession({
    ...(authorities === undefined ? {} : { authorities }),
    ...(credential === undefined ? {} : { certificate: credential.certificate, key: credential.key }),
    ...options,
  });
}

function authoritiesOf(env: Environment): readonly string[] | undefined {
  try {
    return findAuthorities(env).pems;
  } catch {
    // Most elements do not encrypt. One that does is then not believed, and its refusal says what to do.
    return undefined;
  }
}
