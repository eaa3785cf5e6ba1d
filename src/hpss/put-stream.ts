import { createHash } from 'node:crypto';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type Answer, askOnce } from './ask.ts';
import { isComplaint } from './failure-text.ts';
import { lookAnswer, lookCommand, type SeenPath } from './follow-links.ts';
import { HpssError, hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';

/** What was put, as HPSS shows it and as we counted it: they agree, or `putStream` throws. */
export interface PutResult {
  readonly bytes: number;
  /** Hex SHA-256 of what was streamed. */
  readonly sha256: string;
  /** HPSS keeps the same digest, computed from what it received. */
  readonly isRecorded: boolean;
  /** What lies at the path afterwards, and at the others that were asked for. */
  readonly seen: readonly (SeenPath | undefined)[];
}

/**
 * Streams bytes into a new HPSS file with `hsi put -`, and makes sure of it: no complaint, the digest that HPSS took while storing is ours. The directories above it are made. Never tried again, because
 * the bytes are read once; after a failure half a file may be there. The error of a source that fails is thrown as it is.
 */
export async function putStream(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: HpssOptions & { readonly look?: readonly string[] },
): Promise<PutResult> {
  const digest = createHash('sha256');
  let count = 0;
  let failed: { readonly cause: unknown } | undefined;
  let isDone = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of bytes) {
        // Its memory may be used again before the pipe has taken it.
        const copy = Buffer.from(chunk);
        digest.update(copy);
        count += copy.length;
        yield copy;
      }
      isDone = true;
    } catch (cause) {
      failed = { cause };
      throw cause;
    }
  }
  const what = `cannot put '${displayName(path)}'`;
  const parent = path.slice(0, path.lastIndexOf('/'));
  const paths = [path, ...(options.look ?? [])];
  const commands = [
    { text: `mkdir -p ${hsiWord(parent)}` },
    { text: `put -c on -H sha256 - : ${hsiWord(path)}` },
    { text: `hashlist ${hsiWord(path)}` },
    ...paths.map(lookCommand),
  ];
  let answers: readonly Answer[];
  try {
    answers = await askOnce(commands, { ...options, what, input: counted() });
  } catch (error) {
    if (failed !== undefined) throw failed.cause;
    throw error;
  }
  const [, put, hashes, ...looks] = answers as [Answer, Answer, Answer, ...Answer[]];
  if (failed !== undefined) throw (failed as { readonly cause: unknown }).cause;
  if (put.some(isComplaint)) throw hsiFailure(what, text(put));
  if (!isDone) throw new HpssError('unavailable', `${what}: hsi did not take all of it`);
  const sha256 = digest.digest('hex');
  const recorded = recordedDigest(hashes, path, 'sha256');
  if (recorded !== undefined && recorded !== sha256) {
    throw new StowageError('corrupt', `${what}: HPSS received something else`, {
      hint: 'run the same command again; if it stays so, tell your centre',
      facts: { sha256, recorded, bytes: count },
    });
  }
  const seen = looks.map((answer, at) => lookAnswer(answer, paths[at]!));
  return { bytes: count, sha256, isRecorded: recorded !== undefined, seen };
}

/** The digest in the lines of `hashlist`: `HEX (sha256) PATH …`. */
export function recordedDigest(lines: readonly string[], path: string, kind: string): string | undefined {
  for (const line of lines) {
    const match = /^([0-9a-f]+) \((\w+)\) (.*)$/i.exec(line.trim());
    if (match === null || match[2]!.toLowerCase() !== kind || !match[3]!.startsWith(path)) continue;
    return match[1]!.toLowerCase();
  }
  return undefined;
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
