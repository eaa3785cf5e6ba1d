import { StowageError } from '../../../errors.ts';
import { displayText } from '../../../model/byte-name.ts';
import { wordsOf } from '../grammar.ts';
import type { CopyPair } from './copy-line.ts';

/**
 * The pairs that the lines of a list name: `SOURCE DESTINATION`, with the quotes of a shell around what has blanks. With `into`, each line is a
 * source. Lines that begin with `#`, `;` or `//` are comments. Throws `usage` with the line.
 */
export function readCopyList(text: string, file: string, into: string | undefined): readonly CopyPair[] {
  return text.split('\n').flatMap((line, index): CopyPair[] => {
    if (/^\s*(#|;|\/\/|$)/.test(line)) return [];
    const words = wordsIn(line, `${file}:${index + 1}`);
    const [source, destination] = words;
    const wanted = into === undefined ? 2 : 1;
    if (words.length !== wanted || source === undefined) {
      throw bad(
        `${file}:${index + 1}: ${displayText(line.trim())}: ${wanted === 2 ? 'a source and a destination' : 'one source'} were expected`,
      );
    }
    return [{ source, destination: into ?? destination!, isInto: into !== undefined }];
  });
}

function wordsIn(line: string, place: string): readonly string[] {
  try {
    return wordsOf(line);
  } catch (error) {
    throw bad(`${place}: ${(error as Error).message}`);
  }
}

function bad(what: string): StowageError {
  return new StowageError('usage', `cp: ${what}`, {
    hint: 'put quotes around a name with blanks',
    facts: { errno: 22 },
  });
}
