import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { certificatePem, type DistinguishedName, type Signer } from './certificate.ts';

/** Which certificate the server shows: the right one, or one that a client must refuse. `user` is the user's own, as a JBox shows it. */
export type Identity = 'host' | 'wrong name' | 'wrong ca' | 'expired' | 'not yet valid' | 'user';

/** A throwaway certificate authority, with the keys of all whom it vouches for. */
export interface Authority {
  readonly signer: Signer;
  readonly certificate: string;
  readonly hostKey: KeyObject;
  readonly userKey: KeyObject;
}

export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

export const authorityName: DistinguishedName = [
  ['C', 'CH'],
  ['O', 'JAliEn'],
  ['CN', 'JAliEn sandbox CA'],
];
const day = 86_400_000;

/** A name of the virtual organisation's own. */
export const userName = (user: string): DistinguishedName => [
  ['C', 'CH'],
  ['O', 'JAliEn'],
  ['CN', user],
];

/** The name of a token of this user. */
export const tokenName = (user: string): DistinguishedName => [
  ['C', 'ch'],
  ['O', 'AliEn2'],
  ['CN', 'Users'],
  ['CN', user],
  ['OU', user],
];

/** A new authority; the keys are made once a process, as that takes its time and nobody's trust hangs on them. */
export function newAuthority(): Authority {
  const [caKey, hostKey, userKey] = processKeys();
  const signer = { name: authorityName, key: caKey };
  return { signer, hostKey, userKey, certificate: authorityCertificate(signer) };
}

/** The authority that was written down before. */
export function knownAuthority(pems: { ca: string; certificate: string; host: string; user: string }): Authority {
  return {
    signer: { name: authorityName, key: createPrivateKey(pems.ca) },
    certificate: pems.certificate,
    hostKey: createPrivateKey(pems.host),
    userKey: createPrivateKey(pems.user),
  };
}

/** A certificate for a person. Valid for a year from yesterday if nothing else is said. */
export function personCertificate(authority: Authority, name: DistinguishedName, validity = aYear()): string {
  return certificatePem(
    { subject: name, publicKey: createPublicKey(authority.userKey), ...validity },
    authority.signer,
  );
}

/** What the server shows, with the key for it. */
export function serverCertificate(
  authority: Authority,
  identity: Identity,
  user: string,
): { cert: string; key: string } {
  if (identity === 'user') {
    return { cert: personCertificate(authority, userName(user)), key: privatePem(authority.userKey) };
  }
  const now = Date.now();
  const validity: Validity =
    identity === 'expired'
      ? { from: new Date(now - 400 * day), to: new Date(now - 2 * day) }
      : identity === 'not yet valid'
        ? { from: new Date(now + 2 * day), to: new Date(now + 400 * day) }
        : aYear();
  const names =
    identity === 'wrong name'
      ? { dnsNames: ['elsewhere.example.org'], addresses: [] }
      : { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const signer = identity === 'wrong ca' ? strangeAuthority().signer : authority.signer;
  const host = identity === 'wrong name' ? 'elsewhere.example.org' : 'localhost';
  const subject: DistinguishedName = [
    ['C', 'CH'],
    ['O', 'JAliEn'],
    ['CN', host],
  ];
  const cert = certificatePem(
    { subject, publicKey: createPublicKey(authority.hostKey), ...validity, ...names },
    signer,
  );
  return { cert, key: privatePem(authority.hostKey) };
}

/** A token: a certificate with a key of its own, as the server hands it out; valid from two hours ago. */
export function issueToken(
  authority: Authority,
  user: string,
  days: number,
  now: number,
): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const validity = { from: new Date(now - day / 12), to: new Date(now + days * day) };
  const content = { subject: tokenName(user), publicKey, ...validity, dnsNames: ['localhost'] };
  return {
    cert: certificatePem(content, authority.signer),
    key: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  };
}

/** A private key as PKCS#8, without encryption. */
export function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function authorityCertificate(signer: Signer): string {
  const now = Date.now();
  const validity = { from: new Date(now - 500 * day), to: new Date(now + 3650 * day) };
  const content = { subject: signer.name, publicKey: createPublicKey(signer.key), authority: true, ...validity };
  return certificatePem(content, signer);
}

function aYear(): Validity {
  const now = Date.now();
  return { from: new Date(now - day), to: new Date(now + 365 * day) };
}

let keys: readonly [KeyObject, KeyObject, KeyObject] | undefined;
function processKeys(): readonly [KeyObject, KeyObject, KeyObject] {
  const fresh = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  keys ??= [fresh(), fresh(), fresh()];
  return keys;
}

let strange: { readonly signer: Signer; readonly certificate: string } | undefined;
/** Another authority that has the name of the right one, but not its key. */
export function strangeAuthority(): { readonly signer: Signer; readonly certificate: string } {
  if (strange === undefined) {
    const signer = { name: authorityName, key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey };
    strange = { signer, certificate: authorityCertificate(signer) };
  }
  return strange;
}
