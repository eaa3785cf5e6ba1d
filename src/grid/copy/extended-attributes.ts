import { nameToBytes } from '../../model/byte-name.ts';
import { runProgram } from '../../programs/run-program.ts';

/** What is to be said of a file in its extended attributes: names without `user.`, and texts. */
export interface AttributedFile {
  readonly path: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Gives files their extended attributes, by one run of `setfattr` for all of them: Node has no call for it. What it rejects with tells of the first that could not be given; the others have theirs.
 */
export async function setExtendedAttributes(files: readonly AttributedFile[]): Promise<void> {
  if (files.length > 0) await runProgram('setfattr', ['--restore=-'], { input: files.map(entry).join('\n') });
}

/** An entry in the form of getfattr(1): the name with all that could be misread as octal numbers, values in base64. */
function entry({ path, attributes }: AttributedFile): string {
  const lines = Object.entries(attributes).map(
    ([name, text]) => `user.${name}=0s${Buffer.from(text, 'utf8').toString('base64')}\n`,
  );
  return `# file: ${escaped(path)}\n${lines.join('')}`;
}

function escaped(path: string): string {
  return nameToBytes(path)
    .toString('latin1')
    .replace(/[^\w/.-]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
