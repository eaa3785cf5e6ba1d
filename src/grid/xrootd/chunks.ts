/** The same bytes in pieces of this length, each in memory of its own. The last may be shorter; none is empty. */
export async function* inChunks(source: AsyncIterable<Uint8Array>, chunkBytes: number): AsyncGenerator<Uint8Array> {
  let chunk: Buffer | undefined;
  let filled = 0;
  for await (const piece of source) {
    for (let from = 0; from < piece.length; ) {
      chunk ??= Buffer.allocUnsafeSlow(chunkBytes);
      const part = piece.subarray(from, from + chunkBytes - filled);
      chunk.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < chunkBytes) continue;
      yield chunk;
      chunk = undefined;
      filled = 0;
    }
  }
  if (chunk !== undefined && filled > 0) yield chunk.subarray(0, filled);
}
