import { StowageError } from '../../errors.ts';
import { nameFromBytes } from '../../model/byte-name.ts';

const nul = 0;
const lineFeed = 0x0a;

/**
 * The paths of a list: each ended by a NUL if there is one in it (`find -print0`), else one a line. No name holds a NUL, so that nothing is
 * guessed. What is empty is left out; the last line needs no end. Throws `corrupt` for a list of NULs that is cut off: half a path is
 * another one. All of it is in memory.
 */
export async function readPathList(chunks: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
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
  for (let from = 0; from < all.length; ) {
    const end = all.indexOf(separator, from);
    const to = end < 0 ? all.length : end;
    if (to > from) paths.push(nameFromBytes(all.subarray(from, to)));
    from = to + 1;
  }
  return paths;
}
