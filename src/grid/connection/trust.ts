import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import type { Credential } from '../credentials/credential.ts';
import type { LikelyAuthorities } from '../credentials/likely-authorities.ts';
import { networkReason } from '../network-reason.ts';
import { authorityOf, type Endpoint } from './endpoints.ts';

/** What a check of a server's name answers: undefined, or why it is not the server that was meant. */
export type IdentityCheck = (host: string, certificate: PeerCertificate) => Error | undefined;

/** The code of the error for a chain that a part of the authorities is not enough for: with all it may be another one. */
const partCode = 'ONLY_A_PART_OF_THE_AUTHORITIES';

/** The same check, after one that the chain which was found is the one that all authorities give. */
export function withPart(check: IdentityCheck, { isEnoughFor }: LikelyAuthorities): IdentityCheck {
  return (host, certificate) => {
    const chain: Buffer[] = [];
    // The root is its own issuer.
    for (
      let one = certificate as DetailedPeerCertificate | undefined;
      one?.raw !== undefined;
      one = one.issuerCertificate
    ) {
      if (chain.at(-1)?.equals(one.raw)) break;
      chain.push(one.raw);
    }
    if (isEnoughFor(chain)) return check(host, certificate);
    return Object.assign(new Error('not verified with all authorities yet'), { code: partCode });
  };
}

/** The check of who answered, after the chain was verified: the name of the host, or our own distinguished name. */
export function identityCheck({ identity }: Endpoint, credential: Credential): IdentityCheck {
  if (identity === 'host') return checkServerIdentity;
  const own = new X509Certificate(credential.certificate).subject;
  return (_, certificate) => {
    const theirs = new X509Certificate(certificate.raw).subject;
    if (theirs === own) return undefined;
    const [they, we] = [theirs, own].map((name) => name.split('\n').join('/'));
    return Object.assign(new Error(`it is ${they}, and we are ${we}`), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  };
}

const untrusted: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown',
  CERT_SIGNATURE_FAILURE: 'unknown',
  CERT_UNTRUSTED: 'unknown',
  CERT_REJECTED: 'unknown',
  CERT_REVOKED: 'unknown',
  INVALID_CA: 'unknown',
  INVALID_PURPOSE: 'unknown',
  PATH_LENGTH_EXCEEDED: 'unknown',
  CERT_CHAIN_TOO_LONG: 'unknown',
  [partCode]: 'unknown',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'unknown',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'unknown',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'unknown',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'unknown',
  HOSTNAME_MISMATCH: 'unknown',
  // Whatever else OpenSSL has against a chain: Node has no names for it.
  UNSPECIFIED: 'unknown',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not yet valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other name',
};

/** True if a connection failed because of who answered, which no further try changes. */
export function isDistrust(error: unknown): boolean {
  return error instanceof StowageError && error.code === 'refused';
}

/** True if a connection failed because no chain was found that could be believed, so that further authorities may change it. */
export function isUnverified(error: unknown): boolean {
  if (!isStowageError(error, 'refused')) return false;
  const why = untrusted[String(error.facts.tls)];
  return why !== undefined && why !== 'other name';
}

/** Our error for a connection that did not come about. `authorities` says what the server was verified with. */
export function openingError(error: unknown, endpoint: Endpoint, authorities: string): StowageError {
  if (error instanceof StowageError) return error;
  const where = authorityOf(endpoint);
  const code = codeOf(error);
  const why = code === undefined ? undefined : untrusted[code];
  if (why !== undefined) return distrust(why, code!, where, authorities, endpoint, error);
  if (code !== undefined && /^ERR_SSL_.*ALERT/.test(code)) {
    return new StowageError('refused', `${where} did not accept our certificate (${plainTls(code)})`, {
      hint: 'see alien.py cert-info and token-info; a token is made anew by alien.py token-init',
      facts: { errno: 107, tls: code },
      cause: error,
    });
  }
  return new StowageError('unavailable', `cannot connect to ${where}: ${networkReason(error)}`, {
    facts: { errno: 107, ...(code === undefined ? {} : { code }) },
    cause: error,
  });
}

function distrust(why: string, code: string, where: string, authorities: string, endpoint: Endpoint, error: unknown) {
  const facts = { errno: 107, tls: code };
  const said = plainReason(error);
  const fail = (message: string, hint: string) => new StowageError('refused', message, { hint, facts, cause: error });
  if (why === 'expired') {
    return fail(
      `the certificate of ${where} has expired; not connected`,
      "look at this machine's clock (date); if it is right, tell the keepers of the server",
    );
  }
  if (why === 'not yet valid') {
    return fail(
      `the certificate of ${where} is not valid yet; not connected`,
      "this machine's clock is probably behind: look at it (date) and set it",
    );
  }
  if (why === 'other name' && endpoint.identity === 'own') {
    return fail(
      `what answers at ${where} is not an agent of ours; not connected: ${said}`,
      'unset JALIEN_HOST and JALIEN_WSPORT, or start your own agent again',
    );
  }
  if (why === 'other name') {
    return fail(
      `the certificate of ${where} is for another host; not connected: ${said}`,
      'look at ALIENPY_JCENTRAL or JALIEN_HOST: use the name that the certificate has. Where that is right, somebody else answers',
    );
  }
  return fail(
    `the certificate of ${where} is not from an authority in ${authorities}; not connected (${said})`,
    "set X509_CERT_DIR to a folder with the certificates of the Grid's authorities (alien.py getCAcerts FOLDER fills ~/.globus/certificates)",
  );
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function plainTls(code: string): string {
  return code
    .replace(/^ERR_SSL_(TLSV\d+|SSLV\d+)_ALERT_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
}
