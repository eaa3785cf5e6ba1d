import { displayName } from '../model/byte-name.ts';
import { ask } from './ask.ts';
import { failureIn, isComplaint } from './failure-text.ts';
import { hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { recordedDigest } from './put-stream.ts';

/** The digest that HPSS keeps of a file, by `hashlist`: no byte is read. Undefined if it keeps none of this kind. */
export async function keptDigest(path: string, kind: string, options: HpssOptions): Promise<string | undefined> {
  const what = `cannot ask for the digest of '${displayName(path)}'`;
  return ask([{ text: `hashlist ${hsiWord(path)}` }], { ...options, what }, ([answer]) => {
    const lines = answer!;
    const found = recordedDigest(lines, path, kind);
    if (found !== undefined) return found;
    const said = lines.map((line) => `${line}\n`).join('');
    if (/no valid checksum found|checksum not set/.test(said)) return undefined;
    if (lines.some(isComplaint)) throw hsiFailure(what, said);
    // Another kind of digest, or nothing at all: nothing at all is no answer.
    if (lines.some((line) => /^[0-9a-f]+ \(\w+\) /i.test(line)) || failureIn(said).kind === 'absent') return undefined;
    throw hsiFailure(what, said);
  });
}
