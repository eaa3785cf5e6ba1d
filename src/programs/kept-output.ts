/** What is kept of a program's output: its head and its tail, so that any amount of it takes bounded memory. */
export interface KeptOutput {
  add(chunk: Buffer): void;
  /** The output; where something was left out, a line in its place says how much. */
  bytes(): Buffer;
  /** How many bytes were left out. */
  leftOut(): number;
}

/** Keeps at most `maxBytes`: the first half and the last half. */
export function keptOutput(maxBytes: number): KeptOutput {
  const headBytes = Math.ceil(maxBytes / 2);
  const tailBytes = maxBytes - headBytes;
  const head: Buffer[] = [];
  let headLength = 0;
  let tail: Buffer[] = [];
  let tailLength = 0;
  let leftOut = 0;

  const trim = (): void => {
    const all = Buffer.concat(tail);
    const kept = all.subarray(Math.max(0, all.length - tailBytes));
    leftOut += all.length - kept.length;
    tail = [Buffer.from(kept)];
    tailLength = kept.length;
  };
  return {
    add(chunk) {
      const toHead = chunk.subarray(0, headBytes - headLength);
      if (toHead.length > 0) head.push(toHead);
      headLength += toHead.length;
      if (toHead.length === chunk.length) return;
      tail.push(chunk.subarray(toHead.length));
      tailLength += chunk.length - toHead.length;
      // Not at every chunk: that would copy the tail each time.
      if (tailLength > 2 * tailBytes + 65_536) trim();
    },
    bytes() {
      trim();
      const gap = leftOut === 0 ? [] : [Buffer.from(`\n[${leftOut} bytes left out]\n`)];
      return Buffer.concat([...head, ...gap, ...tail]);
    },
    leftOut() {
      trim();
      return leftOut;
    },
  };
}
