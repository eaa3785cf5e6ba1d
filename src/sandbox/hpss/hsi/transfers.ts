import { baseName } from '../system/namespace.ts';
import { UsageError } from './arguments.ts';
import type { Word } from './command-line.ts';
import type { Session } from './session.ts';

/** What goes between a name on this machine and one in HPSS. */
export interface Pair {
  readonly local: string;
  readonly remote: string;
}

/** `LOCAL : REMOTE` pairs; a word without a colon names the remote file, and its last name the local one. */
export function pairsOf(words: readonly Word[]): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const first = words[at]!;
    if (first.isColon) throw new UsageError('a colon without a name before it');
    if (words[at + 1]?.isColon !== true) {
      pairs.push({ local: baseName(first.text), remote: first.text });
      continue;
    }
    const second = words[at + 2];
    if (second === undefined || second.isColon) throw new UsageError('a colon without a name behind it');
    pairs.push({ local: first.text, remote: second.text });
    at += 2;
  }
  return pairs;
}

/** Kilobytes a second, as counted time has it: a transfer has some start-up too. */
export function rate({ system }: Session, bytes: number): string {
  const seconds = 0.05 + bytes / system.settings.bytesPerSecond;
  return (bytes / 1000 / seconds).toFixed(1);
}
