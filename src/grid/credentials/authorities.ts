import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type Environment, variable } from '../environment.ts';
import { placesOf } from '../places.ts';

/** The certificates of the authorities that a server's is verified with. */
export interface Authorities {
  /** The folder or file they are from. */
  readonly from: string;
  readonly pems: readonly string[];
  /** Of these the one of CERN, which the central servers of ALICE are vouched for by. */
  readonly ofServers: string | undefined;
  /** What was named and could not be used. */
  readonly complaints: readonly string[];
}

const serversAuthority = 'CERN-GridCA.pem';
const usualFolders: readonly string[] = [
  '/cvmfs/alice.cern.ch/etc/grid-security/certificates',
  '/Users/Shared/cvmfs/alice.cern.ch/etc/grid-security/certificates',
  '/etc/grid-security/certificates',
];

/**
 * The authorities where the environment names them, else where they usually are. What is named and cannot be used is complained about, and the next place is
 * looked at. Throws `configuration` if there are none.
 */
export function findAuthorities(env: Environment): Authorities {
  const complaints: string[] = [];
  for (const { path, named, isFile, needs } of candidates(env)) {
    const texts = isFile ? fromFile(path) : fromFolder(path, needs);
    const pems = texts.map(({ pem }) => pem);
    const ofServers = texts.find(({ name }) => name === serversAuthority)?.pem;
    if (pems.length > 0) return { from: path, pems, ofServers, complaints };
    if (named !== undefined) {
      const lacks = needs === undefined ? 'no certificates' : `not the certificates of authorities, with ${needs}`;
      complaints.push(`${named}: '${displayName(path)}' has ${lacks}`);
    }
  }
  const told = complaints.length === 0 ? '' : `:\n  ${complaints.join('\n  ')}`;
  throw new StowageError('configuration', `no certificates of authorities to verify the server with${told}`, {
    hint: 'set X509_CERT_DIR to a folder that has them, or fill ~/.globus/certificates: alien.py getCAcerts FOLDER, and set ALIENPY_USE_LOCAL_CAS=1',
    facts: { errno: 107 },
  });
}

interface Candidate {
  readonly path: string;
  /** The variable that named it. */
  readonly named?: string;
  readonly isFile?: boolean;
  /** A file that must be there too. */
  readonly needs?: string;
}

function candidates(env: Environment): readonly Candidate[] {
  const local = variable(env, 'ALIENPY_USE_LOCAL_CAS');
  const folder = variable(env, 'X509_CERT_DIR');
  const file = variable(env, 'X509_CERT_FILE');
  const own = join(placesOf(env).home, '.globus/certificates');
  return [
    ...(local === undefined
      ? []
      : [{ path: isFolder(local) ? local : own, named: 'ALIENPY_USE_LOCAL_CAS', needs: serversAuthority }]),
    ...(folder === undefined ? [] : [{ path: folder, named: 'X509_CERT_DIR' }]),
    ...(file === undefined ? [] : [{ path: file, named: 'X509_CERT_FILE', isFile: true }]),
    ...usualFolders.map((path) => ({ path })),
  ];
}

interface Text {
  readonly name: string;
  readonly pem: string;
}

function fromFolder(folder: string, needs: string | undefined): readonly Text[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  if (needs !== undefined && !names.includes(needs)) return [];
  const pem = names.filter((name) => name.endsWith('.pem'));
  // Some folders have only the links by hash that OpenSSL looks for.
  const wanted = pem.length > 0 ? pem : names.filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name));
  return wanted.flatMap((name) => fromFile(join(folder, name)));
}

/** What cannot be read, or is no certificate, is left out: it can only make us trust less. */
function fromFile(path: string): readonly Text[] {
  try {
    const pem = readFileSync(path, 'latin1');
    return pem.includes('-----BEGIN') && pem.includes('CERTIFICATE-----') ? [{ name: basename(path), pem }] : [];
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
