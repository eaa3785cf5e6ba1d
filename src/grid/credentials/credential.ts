import type { KeyObject } from 'node:crypto';
import { StowageError } from '../../errors.ts';
import { type Environment, variable } from '../environment.ts';
import { type Places, placesOf } from '../places.ts';
import { type CertificateFacts, factsOf, readCertificate, whyNotNow } from './certificate.ts';
import { type AskPassphrase, readPrivateKey } from './private-key.ts';
import { type Pem, readOwnPemFile, readPem, readPemFile } from './read-pem.ts';

/** Which of a user's two certificates. */
export type CredentialKind = 'token' | 'user';

/** A certificate and its key, as PEM, ready to be shown to a server. */
export interface Credential extends CertificateFacts {
  readonly kind: CredentialKind;
  /** With the chain, if its file has one. */
  readonly certificate: string;
  /** Not encrypted, for it stays in memory. */
  readonly key: string;
  /** Where it is from, for messages. */
  readonly from: string;
}

/** How credentials are looked for. */
export interface CredentialOptions {
  readonly env: Environment;
  readonly now: Date;
  /** Only the user's own certificate, as for a new token. */
  readonly userOnly?: boolean;
  readonly askPassphrase?: AskPassphrase;
}

/**
 * The token if it is valid for ten minutes still, else the user's certificate. Throws `configuration` with errno 107, telling for each why
 * it cannot be used.
 */
export async function findCredential(options: CredentialOptions): Promise<Credential> {
  const reasons: string[] = [];
  const kinds: readonly CredentialKind[] = options.userOnly ? ['user'] : ['token', 'user'];
  for (const kind of kinds) {
    try {
      return await credentialOf(kind, options);
    } catch (error) {
      if (!(error instanceof StowageError) || error.code === 'interrupted') throw error;
      reasons.push(`${kind === 'token' ? 'token' : 'user certificate'}: ${error.message}`);
      if (kind === 'user') throw nothingUsable(reasons, error);
    }
  }
  throw nothingUsable(reasons, undefined);
}

/** The certificate of one kind with its key. Throws what is wrong with it, with an errno. */
export async function credentialOf(kind: CredentialKind, options: CredentialOptions): Promise<Credential> {
  const { certificate: pem, key: keyPem } = pemsOf(kind, options.env);
  const certificate = readCertificate(pem.text, pem.name);
  const facts = factsOf(certificate);
  const why = whyNotNow(facts, options.now);
  if (why !== undefined) {
    throw new StowageError('configuration', `${pem.name} ${why}`, { facts: { errno: 5, notAfter: facts.notAfter } });
  }
  const key = await readPrivateKey(keyPem.text, keyPem.name, options.askPassphrase);
  if (!certificate.checkPrivateKey(key)) {
    throw new StowageError('configuration', `${keyPem.name} is not the key of ${pem.name}`, { facts: { errno: 42 } });
  }
  return { kind, certificate: pem.text, key: pemOf(key), from: pem.name, ...facts };
}

/** The texts of certificate and key, where the environment says they are. */
export function pemsOf(kind: CredentialKind, env: Environment): { readonly certificate: Pem; readonly key: Pem } {
  return { certificate: certificatePem(kind, env), key: keyPem(kind, env) };
}

/** The text of one certificate. */
export function certificatePem(kind: CredentialKind, env: Environment, places: Places = placesOf(env)): Pem {
  if (kind === 'user') return readPemFile(places.userCertificate);
  const given = variable(env, 'JALIEN_TOKEN_CERT');
  return given === undefined ? readOwnPemFile(places.tokenCertificate) : readPem(given, 'JALIEN_TOKEN_CERT');
}

/** The text of one key. */
export function keyPem(kind: CredentialKind, env: Environment, places: Places = placesOf(env)): Pem {
  if (kind === 'user') return readPemFile(places.userKey);
  const given = variable(env, 'JALIEN_TOKEN_KEY');
  return given === undefined ? readOwnPemFile(places.tokenKey) : readPem(given, 'JALIEN_TOKEN_KEY');
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nothingUsable(reasons: readonly string[], last: StowageError | undefined): StowageError {
  return new StowageError('configuration', `no certificate to connect with:\n  ${reasons.join('\n  ')}`, {
    hint:
      last?.hint ??
      'put usercert.pem and userkey.pem into ~/.globus, or name them with X509_USER_CERT and X509_USER_KEY',
    facts: { errno: 107 },
    ...(last === undefined ? {} : { cause: last }),
  });
}
