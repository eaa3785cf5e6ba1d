import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { certificatePem, type DistinguishedName, type Signer } from '../../sandbox/jalien/trust/certificate.ts';
import { der as encoded, identifier, integer, sequence, setOf } from '../../sandbox/jalien/trust/der.ts';
import { likelyAuthorities } from './likely-authorities.ts';

const usual = rootCertificates.slice(0, 40);
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const named = (...parts: DistinguishedName): Signer => ({ name: parts, key });
const certificate = ({ name }: Signer, by: Signer): string => {
  const day = 86_400_000;
  const validity = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
  return certificatePem({ subject: name, publicKey: createPublicKey(key), authority: true, ...validity }, by);
};
const [root, middle, other] = [
  named(['C', 'CH'], ['O', 'Trust'], ['CN', 'Root CA']),
  named(['C', 'CH'], ['O', 'Trust'], ['CN', 'Middle CA']),
  named(['C', 'CH'], ['O', 'Trust'], ['CN', 'Another CA']),
];
const user = named(['CN', 'jane']);
const der = (pem: string) => Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');

test('the part has who vouches for us, and for that one, and for servers', () => {
  const needed = [certificate(middle, root), certificate(root, root), certificate(other, other)];
  const [first, second, third] = needed as [string, string, string];
  const pems = [first, ...usual, second, third];
  const part = likelyAuthorities(pems, { own: certificate(user, middle), ofServers: third });
  expect(part?.pems).toEqual(needed);
  for (const issuer of [root, middle, other]) expect(part?.isEnoughFor([der(certificate(user, issuer))])).toBe(true);
  expect(part?.isEnoughFor([der(certificate(user, root)), der(usual[7]!)])).toBe(false);
  expect(part?.isEnoughFor([Buffer.from('no certificate')])).toBe(false);
});

test.each([
  [
    'letters of another case',
    [
      ['C', 'CH'],
      ['O', 'TRUST'],
      ['CN', 'middle ca'],
    ],
  ],
  [
    'more blanks',
    [
      ['C', 'CH'],
      ['O', 'Trust'],
      ['CN', '  Middle   CA '],
    ],
  ],
  [
    'and more',
    [
      ['C', 'CH'],
      ['O', 'Trust'],
      ['CN', 'Middle CA'],
      ['OU', 'X'],
    ],
  ],
] as const)('it has whoever may have the name: %s', (_, name) => {
  const [exact, loose] = [certificate(middle, middle), certificate({ name, key }, { name, key })];
  const part = likelyAuthorities([exact, ...usual, loose], { own: certificate(user, middle), ofServers: undefined });
  expect(part?.pems).toEqual([exact, loose]);
});

test.each([
  ['Latin-1', 0x14, 1],
  ['two bytes a letter', 0x1e, 2],
  ['four bytes a letter', 0x1c, 4],
] as const)('a name is known again in %s', (_, tag, bytesEach) => {
  const text = Buffer.concat([...'Middle CA'].map((one) => Buffer.from(one.padStart(bytesEach, '\0'), 'latin1')));
  const name = sequence(setOf(sequence(identifier('2.5.4.3'), encoded(tag, text))));
  const content = sequence(integer(Buffer.from([1])), sequence(), name, sequence(), name);
  const pem = `-----BEGIN CERTIFICATE-----\n${sequence(content).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const plain = named(['CN', 'Middle CA']);
  const part = likelyAuthorities([...usual, pem], { own: certificate(user, plain), ofServers: undefined });
  expect(part?.pems).toEqual([pem]);
  const back = likelyAuthorities([...usual, certificate(plain, plain)], { own: pem, ofServers: undefined });
  expect(back?.pems).toHaveLength(1);
});

test('what cannot be read is in it, and a text is never cut', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const [ours, theirs] = [certificate(middle, middle), certificate(other, other)];
  const odd = [
    '-----BEGIN CERTIFICATE-----\nMIIB',
    `Proc-Type: 4\n${theirs.replace('-----\n', '-----\nA: b\n\n')}`,
    'nothing',
  ];
  const pems = [...usual, broken + ours, ours + theirs, ...odd];
  const part = likelyAuthorities(pems, { own: certificate(user, middle), ofServers: undefined });
  expect(part?.pems).toEqual([broken + ours, ours + theirs, ...odd]);
  // Who vouches for what stands beside ours in its text is looked for, too.
  expect(part?.isEnoughFor([der(theirs)])).toBe(true);
});

test('few are taken as they are, and so are all where nobody is known', () => {
  const needs = { own: certificate(user, middle), ofServers: undefined };
  expect(likelyAuthorities([certificate(middle, middle), ...usual.slice(0, 9)], needs)).toBeUndefined();
  expect(likelyAuthorities(usual, needs)).toBeUndefined();
});
