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

/** Has HPSS read a file, from tape if need be, and compare it with the digest that it keeps, by `hashverify`. Undefined if it keeps none. */
export async function rereadDigest(path: string, options: HpssOptions): Promise<'same' | 'other' | undefined> {
  const what = `cannot have '${displayName(path)}' read`;
  const commands = [{ text: `hashverify ${hsiWord(path)}` }];
  return ask(commands, { ...options, what, readsTape: true }, ([answer]) => {
    const lines = answer!;
    if (lines.some((line) => /checksum mismatch/.test(line))) return 'other';
    const complaint = lines.find(isComplaint);
    if (complaint !== undefined && /no valid checksum found|checksum not set/.test(complaint)) return undefined;
    // Whatever it says beside that, silence above all, is not that all is well.
    if (complaint === undefined && lines.some((line) => line.startsWith(`${path}: `) && / OK\s*$/.test(line)))
      return 'same';
    throw hsiFailure(what, lines.map((line) => `${line}\n`).join(''));
  });
}

/** Has HPSS read a file, from tape if need be, and keep its digest, by `hashcreate`. Returns what it keeps then. */
export async function createDigest(path: string, kind: string, options: HpssOptions): Promise<string> {
  const what = `cannot have a digest of '${displayName(path)}' made`;
  const word = hsiWord(path);
  const commands = [{ text: `hashcreate -H ${kind} ${word}` }, { text: `hashlist ${word}` }];
  return ask(commands, { ...options, what, readsTape: true }, ([made, listed]) => {
    const lines = [...made!, ...listed!];
    const found = recordedDigest(listed!, path, kind);
    if (found === undefined || lines.some(isComplaint))
      throw hsiFailure(what, lines.map((line) => `${line}\n`).join(''));
    return found;
  });
}
