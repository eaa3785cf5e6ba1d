import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';

/** A text that is longer outlives its use: V8 looks at such ones rarely. */
const pieceBytes = 64 << 10;

/** A part of a file, in bytes. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * The lines of a work file, or of a part of it that begins and ends with whole lines, without newlines, read piece by piece: they may be more than
 * fits into a string. A file that is not there has none.
 */
export function* linesIn(
  path: string,
  place: Place = { offset: 0, length: Number.POSITIVE_INFINITY },
): Generator<string> {
  let file: number;
  try {
    file = openSync(fsPath(path), 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw cannotRead(path, error);
  }
  try {
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, place.length));
    let done = 0;
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (;;) {
      const wanted = Math.min(piece.length, place.length - done);
      const length = wanted === 0 ? 0 : readSync(file, piece, 0, wanted, place.offset + done);
      if (length === 0) break;
      done += length;
      const text = rest + decoder.write(piece.subarray(0, length));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        yield text.slice(from, end);
        from = end + 1;
      }
      rest = text.slice(from);
    }
    if (rest !== '' || (Number.isFinite(place.length) && done < place.length))
      throw new StowageError('corrupt', `'${displayName(path)}' ends in the middle of a line`);
  } catch (error) {
    throw cannotRead(path, error);
  } finally {
    closeSync(file);
  }
}

function cannotRead(path: string, error: unknown): StowageError {
  return fileError(`cannot read '${displayName(path)}'`, error, 'run the same command again');
}
