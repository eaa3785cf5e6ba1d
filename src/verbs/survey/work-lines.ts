import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';

const pieceBytes = 4 << 20;

/** The lines of a work file, without newlines, read piece by piece: they may be more than fits into a string. A file that is not there has none. */
export function* linesIn(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(fsPath(path), 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw cannotRead(path, error);
  }
  try {
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (;;) {
      const length = readSync(file, piece, 0, pieceBytes, null);
      if (length === 0) break;
      const text = rest + decoder.write(piece.subarray(0, length));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        yield text.slice(from, end);
        from = end + 1;
      }
      rest = text.slice(from);
    }
    if (rest !== '') throw new StowageError('corrupt', `'${displayName(path)}' ends in the middle of a line`);
  } catch (error) {
    throw cannotRead(path, error);
  } finally {
    closeSync(file);
  }
}

function cannotRead(path: string, error: unknown): StowageError {
  return fileError(`cannot read '${displayName(path)}'`, error, 'run the same command again');
}
