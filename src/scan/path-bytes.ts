/** The paths of one directory after the other, as bytes in one piece of memory: a text for each would cost as much as the look at it. */
export interface PathBytes {
  /** What stands before the names that come next: the raw path of their directory and a slash, or nothing. */
  enter(prefix: string): void;
  /** Puts a raw name behind that. True if it stands in a listing as it is. */
  put(name: string): boolean;
  /** The whole path, until the next call. */
  path(): Uint8Array;
  /** Where in it the name begins. */
  readonly nameAt: () => number;
}

/** 1 for what a listing has in another form (shards/escaped-name.ts), or may have: bytes that are not ASCII. */
const isOdd = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte >= 0x7f || byte === 0x25 || byte === 0x22 || byte === 0x2c ? 1 : 0,
);

/** No path yet. */
export function pathBytes(): PathBytes {
  let bytes = Buffer.allocUnsafe(8192);
  // The memory up to each length that was asked for.
  let views: (Uint8Array | undefined)[] = [];
  let start = 0;
  let end = 0;
  const grow = (length: number) => {
    const larger = Buffer.allocUnsafe(length * 2);
    bytes.copy(larger, 0, 0, start);
    bytes = larger;
    views = [];
  };
  return {
    enter(prefix) {
      start = 0;
      if (prefix.length > bytes.length) grow(prefix.length);
      start = bytes.write(prefix, 'latin1');
    },
    put(name) {
      const { length } = name;
      end = start + length;
      if (end > bytes.length) grow(end);
      const memory = bytes;
      let to = start;
      let odd = 0;
      for (let at = 0; at < length; at += 1) {
        const byte = name.charCodeAt(at);
        memory[to] = byte;
        to += 1;
        odd |= isOdd[byte]!;
      }
      return odd === 0;
    },
    path() {
      const known = views[end];
      if (known !== undefined) return known;
      const view = bytes.subarray(0, end);
      views[end] = view;
      return view;
    },
    nameAt: () => start,
  };
}
