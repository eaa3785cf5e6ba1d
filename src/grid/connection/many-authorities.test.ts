import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { gridUser } from '../../../test/alien.ts';
import { privatePem } from '../../sandbox/jalien/trust/authority.ts';
import { type CertificateContent, certificatePem, type Signer } from '../../sandbox/jalien/trust/certificate.ts';
import { connect } from '../connect.ts';

const day = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * day);
const ownKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

function signer(name: string): Signer {
  return {
    name: [
      ['C', 'CH'],
      ['O', 'Trust'],
      ['CN', name],
    ],
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  };
}

function signed(
  by: Signer,
  what: Partial<CertificateContent> & Pick<CertificateContent, 'subject' | 'publicKey'>,
): string {
  return certificatePem({ from: ago(9), to: ago(-9), ...what }, by);
}

/** The certificate of an authority, made by itself if nobody else is named. */
function authority(of: Signer, by: Signer = of, subject = of.name): string {
  return signed(by, { subject, publicKey: createPublicKey(of.key), authority: true });
}

function server(by: Signer, more: Partial<CertificateContent> = {}): string {
  const content = {
    subject: [['CN', 'localhost']],
    publicKey: createPublicKey(ownKey),
    dnsNames: ['localhost'],
  } as const;
  return signed(by, { ...content, ...more });
}

const [other, root, middle, stranger] = ['Other CA', 'Root CA', 'Middle CA', 'Stranger CA'].map(signer) as [
  Signer,
  Signer,
  Signer,
  Signer,
];
const middleToo: Signer = { ...signer('x'), name: middle.name };
const rootToo: Signer = { ...signer('x'), name: root.name };
const loud = [
  ['C', 'CH'],
  ['O', 'TRUST '],
  ['CN', 'other  ca'],
] as const;

/** What the server shows, which authorities of ours are in the folder with the usual ones, and what must come of it. */
const cases: readonly (readonly [string, string, readonly string[], RegExp | 'accepted'])[] = [
  ['another authority', server(other), [authority(other)], 'accepted'],
  ['another one, which writes its name otherwise', server(other), [authority(other, other, loud)], 'accepted'],
  ['another one, with what stands between', server(middle) + authority(middle, root), [authority(root)], 'accepted'],
  [
    'another one, and what stands between is here',
    server(middle),
    [authority(middle, root), authority(root)],
    'accepted',
  ],
  ['none of the folder', server(stranger), [authority(other)], /is not from an authority in/],
  [
    'none, with what stands between',
    server(middle) + authority(middle, root),
    [authority(other)],
    /is not from an authority in/,
  ],
  ['one with the name of one of the folder', server(rootToo), [authority(root)], /is not from an authority in/],
  ['one of two with one name', server(rootToo), [authority(root), authority(rootToo)], 'accepted'],
  [
    'what stands between, of which another is trusted',
    server(middle) + authority(middle, root),
    [authority(root), authority(middleToo)],
    'accepted',
  ],
  ['another authority, and has expired', server(other, { to: ago(1) }), [authority(other)], /has expired/],
  [
    'another authority, for another host',
    server(other, { dnsNames: ['elsewhere'] }),
    [authority(other)],
    /is for another host/,
  ],
  [
    'one that is no authority',
    server(other),
    [signed(other, { subject: other.name, publicKey: createPublicKey(other.key) })],
    /is not from an authority in/,
  ],
  [
    'one behind what is broken',
    server(other),
    [`-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${authority(other)}`],
    /is not from an authority in/,
  ],
];

/** What comes of a server with this chain, where these authorities of ours are in a folder with the usual ones, and where all are in one file, which is read as a whole. */
async function judged(cert: string, ours: Readonly<Record<string, string>>): Promise<readonly [string, string]> {
  const { env, central, home } = await gridUser({ shown: { cert, key: privatePem(ownKey) } });
  const usual = Object.fromEntries(rootCertificates.slice(0, 40).map((text, index) => [`usual-${index}`, text]));
  const files = { ...usual, central: readFileSync(central.files.caFile, 'utf8'), ...ours };
  const folder = join(home, 'many');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), `${text}\n`);
  const file = join(home, 'all.pem');
  writeFileSync(file, Object.values(files).join('\n'));
  const { X509_CERT_DIR: _, ...rest } = env;
  const answer = async (where: Record<string, string>) => {
    const grid = connect({ env: { ...rest, ...where } });
    onTestFinished(() => grid.close());
    const sent = grid.send('pwd').then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    return (await sent).replaceAll(folder, 'HERE').replaceAll(file, 'HERE');
  };
  return [await answer({ X509_CERT_DIR: folder }), await answer({ X509_CERT_FILE: file })];
}

test.each(cases)('a server of %s is judged as with all authorities', async (_, cert, authorities, expected) => {
  const [inPart, whole] = await judged(
    cert,
    Object.fromEntries(authorities.map((text, index) => [`ours-${index}`, text])),
  );
  expect(inPart).toEqual(whole);
  expect(inPart).toMatch(expected);
});

test('what only a part of the authorities would accept is refused', async () => {
  const cert = server(middle) + authority(middle, root);
  // OpenSSL takes what it trusts before what the server sends; this one leads nowhere.
  const [inPart, whole] = await judged(cert, { 'CERN-GridCA': authority(root), deadEnd: authority(middle, stranger) });
  expect(inPart).toEqual(whole);
  expect(inPart).toMatch(/is not from an authority in/);
});
