import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Authorities, findAuthorities } from '../../../grid/credentials/authorities.ts';
import {
  type CertificateFacts,
  factsOf,
  readCertificate,
  utc,
  whyNotNow,
} from '../../../grid/credentials/certificate.ts';
import { type CredentialKind, certificatePem, keyPem, pemsOf } from '../../../grid/credentials/credential.ts';
import { readPrivateKey } from '../../../grid/credentials/private-key.ts';
import { isPemText } from '../../../grid/credentials/read-pem.ts';
import { removeToken, requestToken, writeToken } from '../../../grid/credentials/token-files.ts';
import { variable } from '../../../grid/environment.ts';
import { displayName, fsPath } from '../../../model/byte-name.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { failed, type Outcome, said } from '../outcome.ts';

function infoText({ subject, issuer, notBefore, notAfter }: CertificateFacts): string {
  return [
    `DN >>> ${subject}`,
    `ISSUER >>> ${issuer}`,
    `BEGIN >>> ${utc(notBefore)}`,
    `EXPIRE >>> ${utc(notAfter)}`,
  ].join('\n');
}

function info({ env, places }: Context, kind: CredentialKind): Outcome {
  const pem = certificatePem(kind, env, places);
  const facts = factsOf(readCertificate(pem.text, pem.name));
  return said(infoText(facts), { ...facts, from: pem.name });
}

async function keyText({ env, places, askPassphrase }: Context, kind: CredentialKind) {
  const pem = keyPem(kind, env, places);
  return readPrivateKey(pem.text, pem.name, askPassphrase);
}

async function verify(context: Context, kind: CredentialKind): Promise<Outcome> {
  const { certificate } = pemsOf(kind, context.env);
  const facts = factsOf(readCertificate(certificate.text, certificate.name));
  const key = (await keyText(context, kind)).export({ type: 'pkcs8', format: 'pem' }).toString();
  let authorities: Authorities;
  try {
    authorities = findAuthorities(context.env);
  } catch (error) {
    return failed(5, error instanceof Error ? error.message : String(error));
  }
  const { whyNotVerified } = await import('../../../grid/credentials/verify-chain.ts');
  const why = (await whyNotVerified(certificate.text, key, authorities)) ?? whyNotNow(facts, new Date());
  if (why !== undefined) return failed(1, `${certificate.name} is not verified: ${why}`);
  return said(`${certificate.name}: verified with ${authorities.from}`);
}

async function match(context: Context, kind: CredentialKind): Promise<Outcome> {
  const { certificate, key } = pemsOf(kind, context.env);
  const isOwn = readCertificate(certificate.text, certificate.name).checkPrivateKey(await keyText(context, kind));
  return isOwn
    ? said(`${key.name} is the key of ${certificate.name}`)
    : failed(42, `${key.name} is not the key of ${certificate.name}`);
}

async function tokenInit(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const options = context.signal === undefined ? {} : { signal: context.signal };
  await grid.useUserCertificate(true);
  try {
    await writeToken(await requestToken(grid, args, options), context.places);
  } finally {
    await grid.useUserCertificate(false);
  }
  const others = namedTokens(context);
  if (others.length > 0) {
    context.tell(`The new token is saved in '${displayName(context.places.tokenCertificate)}'.`);
    context.tell(`Not replaced, and still used and shown: ${others.join(', ')}`);
  }
  return info(context, 'token');
}

async function token(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const made = await requestToken(grid, args, context.signal === undefined ? {} : { signal: context.signal });
  context.tell('This token is printed and not saved: whoever reads it can act for you. token-init saves one.');
  return said(`${made.certificate.trimEnd()}\n${made.key.trimEnd()}`, {
    tokencert: made.certificate,
    tokenkey: made.key,
  });
}

/** Only what token-init saves is removed: what the environment names instead is somebody's own, and is told, because it goes on being used. */
async function destroyToken(context: Context): Promise<Outcome> {
  const removed = await removeToken(context.places);
  const left = namedTokens(context);
  if (left.length > 0) {
    const paths = removed.map((path) => `'${displayName(path)}'`);
    context.tell(paths.length === 0 ? 'Nothing was removed.' : `Removed: ${paths.join(', ')}`);
    context.tell(`Not removed, and still used: ${left.join(', ')}`);
  }
  return said('');
}

/** What there is of a token in other places than where token-init saves one, because the environment says so: it is used before that. */
function namedTokens({ env, places }: Context): readonly string[] {
  const named = [
    ['JALIEN_TOKEN_CERT', places.tokenCertificate],
    ['JALIEN_TOKEN_KEY', places.tokenKey],
  ] as const;
  return named.flatMap(([name, ours]) => {
    const value = variable(env, name);
    if (value === undefined) return [];
    if (isPemText(value)) return [`the text in ${name}`];
    const isAnother = resolve(value) !== resolve(ours) && existsSync(fsPath(value));
    return isAnother ? [`'${displayName(value)}' (${name})`] : [];
  });
}

const tokenOptions = [
  '-u USER  for another user, where that is allowed    -v DAYS  valid for so long',
  '-t TYPE  user, job, jobagent or host    -jobid ID    -hostname NAME',
];

function offline(name: string, summary: string, run: (context: Context) => Promise<Outcome>): ClientCommand {
  return { name, summary, usage: [name, 'Needs no connection.'], run };
}

/** Commands about certificates and tokens. */
export const commands: readonly ClientCommand[] = [
  offline('cert-info', 'names and dates of your certificate', async (context) => info(context, 'user')),
  offline('token-info', 'names and dates of your token', async (context) => info(context, 'token')),
  offline('cert-verify', 'is your certificate from an authority that we trust?', (context) => verify(context, 'user')),
  offline('token-verify', 'is your token from an authority that we trust?', (context) => verify(context, 'token')),
  offline('certkey-match', 'do your certificate and its key belong together?', (context) => match(context, 'user')),
  offline('tokenkey-match', 'do your token and its key belong together?', (context) => match(context, 'token')),
  offline('token-destroy', 'remove the token files', destroyToken),
  {
    name: 'token-init',
    summary: 'get a new token with your certificate, and save it',
    usage: ['token-init [OPTIONS]', ...tokenOptions],
    run: tokenInit,
  },
  {
    name: 'token',
    summary: 'get a new token and print it, with its key',
    usage: ['token [OPTIONS]', ...tokenOptions, 'What is printed is secret. token-init saves it instead.'],
    run: token,
  },
  {
    name: 'getCAcerts',
    summary: 'put certificates of authorities into ~/.globus/certificates',
    usage: [
      'getCAcerts FOLDER | https://HOST/BUNDLE.pem | https://HOST/FILES.tar.gz',
      'From a folder (as of alien-cas, or /etc/grid-security/certificates of another machine), a file of PEM text, or an archive, as GitHub makes of alien-cas.',
      'ALIENPY_USE_LOCAL_CAS=1 then uses them.',
    ],
    async run(context, args) {
      const { getAuthorities } = await import('../../../grid/credentials/get-authorities.ts');
      const [from] = args;
      if (from === undefined) return failed(22, 'getCAcerts: name a folder or an https URL to take them from');
      const to = `${context.places.home}/.globus/certificates`;
      const count = await getAuthorities(from, to, context.signal);
      const are = count === 1 ? 'certificate is' : 'certificates are';
      return said(`${count} ${are} in ${to}; set ALIENPY_USE_LOCAL_CAS=1 or X509_CERT_DIR=${to} to use them`);
    },
  },
];
