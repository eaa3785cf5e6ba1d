import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { plainReason, StowageError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** A PEM text and where it is from. */
export interface Pem {
  readonly text: string;
  /** For messages: the path, or the variable that holds it. */
  readonly name: string;
}

/** True for a value that is PEM text itself and not the path of a file. */
export function isPemText(value: string): boolean {
  return /^\s*-----BEGIN [A-Z0-9 ]+-----/.test(value);
}

/** The PEM that a value means: itself, or the file it names. Throws `missing` (errno 2) for a file that is not there, else `unavailable` (errno 5). */
export function readPem(value: string, variable: string): Pem {
  return isPemText(value) ? { text: value, name: `the text in ${variable}` } : readPemFile(value);
}

/** The text of a PEM file. */
export function readPemFile(path: string): Pem {
  return { text: readText(path, () => undefined), name: displayName(path) };
}

/** The same for a file in a folder that others can write to: one of another user is `refused`, for it would make us somebody else. */
export function readOwnPemFile(path: string): Pem {
  const refuse = (uid: number) => {
    const own = process.getuid?.();
    if (own === undefined || uid === own || uid === 0) return;
    throw new StowageError('refused', `'${displayName(path)}' belongs to another user (${uid}) and is not used`, {
      hint: 'remove it, or set TMPDIR to a folder of your own',
      facts: { errno: 1, uid },
    });
  };
  return { text: readText(path, refuse), name: displayName(path) };
}

function readText(path: string, refuse: (uid: number) => void): string {
  let descriptor: number | undefined;
  try {
    // A pipe that nobody writes to must not hold us.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    refuse(fstatSync(descriptor).uid);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof StowageError) throw error;
    const absent = systemCode(error) === 'ENOENT';
    throw new StowageError(
      absent ? 'missing' : 'unavailable',
      `cannot read '${displayName(path)}': ${plainReason(error)}`,
      {
        facts: { errno: absent ? 2 : 5 },
        cause: error,
      },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
