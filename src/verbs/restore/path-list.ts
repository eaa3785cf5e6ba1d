import { StowageError } from '../../errors.ts';
import { displayName, nameFromBytes } from '../../model/byte-name.ts';

const nul = 0;
const lineFeed = 0x0a;

/**
 * The paths of a list: each ended by a NUL if there is one in it (`find -print0`), else one a line. No name holds a NUL, so that nothing is
 * guessed. What is empty is left out; the last line needs no end. Throws `corrupt` for a list of NULs that is cut off: half a path is
 * another one; and `usage` for a list that names nothing. All of it is in memory. `from` is the file, or `-`.
 */
export async function readPathList(chunks: AsyncIterable<Uint8Array>, from: string): Promise<readonly string[]> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const all = Buffer.concat(parts);
  const separator = all.includes(nul) ? nul : lineFeed;
  if (separator === nul && all.at(-1) !== nul) {
    throw new StowageError('corrupt', 'the list of paths is cut off: its last path has no end', {
      hint: 'make the list again; nothing was restored',
    });
  }
  const paths: string[] = [];
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf(separator, at);
    const to = end < 0 ? all.length : end;
    if (to > at) paths.push(nameFromBytes(all.subarray(at, to)));
    at = to + 1;
  }
  if (paths.length === 0) {
    const list = from === '-' ? 'standard input' : `the list '${displayName(from)}'`;
    throw new StowageError('usage', `${list} names nothing`, {
      hint: 'nothing was restored; did the command that made it find anything?',
    });
  }
  return paths;
}
