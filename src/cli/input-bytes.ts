import { createReadStream } from 'node:fs';
import { fileError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';

/** The bytes of a file that an option names; `-` is standard input. */
export async function* inputBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === '-' ? process.stdin : createReadStream(path);
  } catch (error) {
    throw systemCode(error) === undefined ? error : fileError(`cannot read the list '${displayName(path)}'`, error);
  }
}
