import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authority,
  authorityName,
  knownAuthority,
  newAuthority,
  personCertificate,
  privatePem,
  strangeAuthority,
  userName,
} from './trust/authority.ts';
import { openSslHash } from './trust/certificate.ts';

/** The files that a client is pointed to. The encrypted keys open with `passphrase`. */
export interface PemFiles {
  /** For `X509_CERT_DIR`: the CA by name and by OpenSSL's hash. */
  readonly caFolder: string;
  readonly caFile: string;
  /** A folder with another CA only. */
  readonly wrongCaFolder: string;
  readonly userCert: string;
  /** PKCS#8. */
  readonly userKey: string;
  readonly userKeyPkcs1: string;
  readonly userKeyEncrypted: string;
  /** The old form, with `DEK-Info`. */
  readonly userKeyEncryptedPkcs1: string;
  readonly userCertExpired: string;
  readonly userCertNotYetValid: string;
  /** Vouched for by the CA, but nobody in the virtual organisation; the key is `userKey`. */
  readonly strangerCert: string;
  /** A key that fits to no certificate. */
  readonly otherKey: string;
}

export const passphrase = 'sandbox';
const day = 86_400_000;

/** The authority of this folder, made if there is none, with the files for its users. Certificates that end within a day are made anew. */
export function pemFiles(folder: string, user: string): { authority: Authority; files: PemFiles } {
  const caFolder = join(folder, 'certificates');
  const wrongCaFolder = join(folder, 'other-certificates');
  for (const one of [folder, caFolder, wrongCaFolder]) mkdirSync(one, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const caFile = join(caFolder, 'sandbox-ca.pem');
  const kept = ['ca-key.pem', 'host-key.pem', 'userkey.pem'].map(at);
  const isKept = [caFile, ...kept].every((file) => existsSync(file));
  const [ca, host, userKey] = isKept ? kept.map((file) => readFileSync(file, 'utf8')) : [];
  const authority =
    ca === undefined
      ? newAuthority()
      : knownAuthority({ ca, host: host!, user: userKey!, certificate: readFileSync(caFile, 'utf8') });
  const files: PemFiles = {
    caFolder,
    caFile,
    wrongCaFolder,
    userCert: at('usercert.pem'),
    userKey: at('userkey.pem'),
    userKeyPkcs1: at('userkey-pkcs1.pem'),
    userKeyEncrypted: at('userkey-encrypted.pem'),
    userKeyEncryptedPkcs1: at('userkey-encrypted-pkcs1.pem'),
    userCertExpired: at('usercert-expired.pem'),
    userCertNotYetValid: at('usercert-not-yet-valid.pem'),
    strangerCert: at('strangercert.pem'),
    otherKey: at('other-key.pem'),
  };
  if (isKept && isGood(files.userCert)) return { authority, files };
  const now = Date.now();
  const person = (from: number, to: number): string =>
    personCertificate(authority, userName(user), { from: new Date(now + from * day), to: new Date(now + to * day) });
  const cipher = { cipher: 'aes-256-cbc', passphrase } as const;
  const { userKey: key } = authority;
  const wrong = strangeAuthority().certificate;
  const hash = openSslHash(authorityName);
  const texts: readonly (readonly [string, string | Buffer])[] = [
    [join(caFolder, `${hash}.0`), authority.certificate],
    [join(wrongCaFolder, 'wrong-ca.pem'), wrong],
    [join(wrongCaFolder, `${hash}.0`), wrong],
    [files.userCert, person(-1, 365)],
    [files.userCertExpired, person(-400, -1)],
    [files.userCertNotYetValid, person(2, 400)],
    [
      files.strangerCert,
      personCertificate(authority, [
        ['C', 'CH'],
        ['O', 'Elsewhere'],
        ['CN', 'stranger'],
      ]),
    ],
    [files.userKeyPkcs1, key.export({ type: 'pkcs1', format: 'pem' })],
    [files.userKeyEncrypted, key.export({ type: 'pkcs8', format: 'pem', ...cipher })],
    [files.userKeyEncryptedPkcs1, key.export({ type: 'pkcs1', format: 'pem', ...cipher })],
    [files.otherKey, privatePem(strangeAuthority().signer.key)],
    [at('host-key.pem'), privatePem(authority.hostKey)],
    [at('ca-key.pem'), privatePem(authority.signer.key)],
    [files.userKey, privatePem(key)],
    // Last: a folder that has it is whole.
    [caFile, authority.certificate],
  ];
  for (const [file, text] of texts) writeFileSync(file, text, { mode: /key/.test(file) ? 0o600 : 0o644 });
  return { authority, files };
}

function isGood(file: string): boolean {
  return existsSync(file) && Date.parse(new X509Certificate(readFileSync(file)).validTo) > Date.now() + day;
}
