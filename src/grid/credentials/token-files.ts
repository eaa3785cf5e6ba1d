import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Places } from '../places.ts';
import type { RawSession, SendOptions } from '../session.ts';
import { factsOf, readCertificate } from './certificate.ts';
import { readPrivateKey } from './private-key.ts';

/** A token as the server gives it: a certificate and its key, both PEM. Secret. */
export interface Token {
  readonly certificate: string;
  readonly key: string;
}

/** For its owner to read, and nobody to write: as alien.py leaves them. */
const tokenMode = 0o400;

/** Asks the server for a token. `args` are those of its command (`-v DAYS`, `-u USER`, …). Rejects with `corrupt` for one that cannot be used. */
export async function requestToken(
  session: RawSession,
  args: readonly string[] = [],
  options?: SendOptions,
): Promise<Token> {
  const reply = await session.ask('token', ['-nomsg', ...args], options);
  const { tokencert, tokenkey } = reply.results[0] ?? {};
  if (typeof tokencert !== 'string' || typeof tokenkey !== 'string') {
    throw new StowageError('corrupt', "token: the server's reply has no certificate and key", { facts: { errno: 42 } });
  }
  const certificate = readCertificate(tokencert, 'the new token');
  if (!certificate.checkPrivateKey(await readPrivateKey(tokenkey, 'the key of the new token'))) {
    throw new StowageError('corrupt', 'token: the server sent a key that is not that of the certificate', {
      facts: { errno: 42, subject: factsOf(certificate).subject },
    });
  }
  return { certificate: tokencert, key: tokenkey };
}

/**
 * Puts a token where alien.py and XRootD look for it: each file whole and durable with mode 0400, or as it was. The key comes first: a run that is
 * killed in between leaves a pair that does not match, which is not used.
 */
export async function writeToken(
  { certificate, key }: Token,
  places: Places,
  files: FileOperations = realFiles,
): Promise<void> {
  await writeWhole(files, places.tokenKey, key, { replace: true, mode: tokenMode });
  await writeWhole(files, places.tokenCertificate, certificate, { replace: true, mode: tokenMode });
}

/** Removes the token files, and says which there were; those that are not there are no error. */
export async function removeToken(places: Places, files: FileOperations = realFiles): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const path of [places.tokenCertificate, places.tokenKey]) {
    try {
      await files.unlink(path);
      removed.push(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove '${displayName(path)}'`, error);
    }
  }
  return removed;
}
