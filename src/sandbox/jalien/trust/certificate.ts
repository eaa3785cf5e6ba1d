import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, der, identifier, integer, nothing, octets, printable, sequence, setOf, time, utf8, yes } from './der.ts';

/** A distinguished name, most significant part first: `[['C', 'CH'], ['O', 'JAliEn'], ['CN', 'jalien']]`. */
export type DistinguishedName = readonly (readonly ['C' | 'O' | 'OU' | 'CN', string])[];

/** A name with the private key that speaks for it. */
export interface Signer {
  readonly name: DistinguishedName;
  readonly key: KeyObject;
}

export interface CertificateContent {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  readonly from: Date;
  readonly to: Date;
  readonly authority?: boolean;
  readonly dnsNames?: readonly string[];
  /** IPv4 addresses. */
  readonly addresses?: readonly string[];
}

const attributes = { C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3' } as const;
const clientAndServer = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'];

/** An X.509 certificate (RFC 5280), signed with SHA-256, as PEM. Node can read certificates, but not make them. */
export function certificatePem(content: CertificateContent, signer: Signer): string {
  const isRsa = signer.key.asymmetricKeyType === 'rsa';
  const algorithm = isRsa
    ? sequence(identifier('1.2.840.113549.1.1.11'), nothing())
    : sequence(identifier('1.2.840.10045.4.3.2'));
  const serial = randomBytes(16);
  // Neither zero nor shortened by leading zeros.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    encodedName(signer.name),
    sequence(time(content.from), time(content.to)),
    encodedName(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(content, signer))),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, signer.key)));
  return pem('CERTIFICATE', whole);
}

/** The name under which OpenSSL looks for a CA in a folder of many: `HASH.0`. */
export function openSslHash(name: DistinguishedName): string {
  const canonical = name.map(([key, value]) =>
    setOf(sequence(identifier(attributes[key]), utf8(value.toLowerCase().trim().replace(/\s+/g, ' ')))),
  );
  const digest = createHash('sha1').update(Buffer.concat(canonical)).digest();
  return digest.readUInt32LE(0).toString(16).padStart(8, '0');
}

function encodedName(name: DistinguishedName): Buffer {
  return sequence(
    ...name.map(([key, value]) =>
      setOf(sequence(identifier(attributes[key]), key === 'C' ? printable(value) : utf8(value))),
    ),
  );
}

function extensions(content: CertificateContent, signer: Signer): readonly Buffer[] {
  const { authority = false, dnsNames = [], addresses = [] } = content;
  const alternatives = [
    ...dnsNames.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  // keyCertSign and cRLSign, or digitalSignature and keyEncipherment.
  const usage = authority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5);
  return [
    extension('2.5.29.19', authority ? sequence(yes()) : sequence(), true),
    extension('2.5.29.15', usage, true),
    extension('2.5.29.14', octets(keyIdentifier(content.publicKey))),
    extension('2.5.29.35', sequence(der(0x80, keyIdentifier(createPublicKey(signer.key))))),
    ...(authority ? [] : [extension('2.5.29.37', sequence(...clientAndServer.map(identifier)))]),
    ...(alternatives.length === 0 ? [] : [extension('2.5.29.17', sequence(...alternatives))]),
  ];
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return sequence(identifier(oid), ...(critical ? [yes()] : []), octets(value));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(what: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${what}-----\n${lines.join('\n')}\n-----END ${what}-----\n`;
}
