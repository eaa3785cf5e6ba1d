import { createPrivateKey, type KeyObject } from 'node:crypto';
import { StowageError } from '../../errors.ts';

/** Asks a person for the passphrase of this key. */
export type AskPassphrase = (name: string) => Promise<string>;

/** True for a PEM text of a key that needs a passphrase. */
export function isEncryptedKey(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
}

/**
 * The private key in a PEM text: PKCS#1, PKCS#8 or SEC1, encrypted or not. Throws `configuration` with errno 5 if it cannot be read, or is
 * encrypted and there is nobody to ask.
 */
export async function readPrivateKey(pem: string, name: string, ask?: AskPassphrase): Promise<KeyObject> {
  const encrypted = isEncryptedKey(pem);
  if (encrypted && ask === undefined) {
    throw new StowageError(
      'configuration',
      `${name} is encrypted, and there is no terminal to ask for its passphrase`,
      {
        hint: 'run alien.py token-init in a terminal first: the token that it writes needs no passphrase',
        facts: { errno: 5 },
      },
    );
  }
  const passphrase = encrypted ? await ask?.(name) : undefined;
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const why = encrypted ? 'cannot be opened with this passphrase' : 'holds no private key that can be read';
    throw new StowageError('configuration', `${name} ${why}`, { facts: { errno: 5 }, cause: error });
  }
}
