/**
 * Some of what a scan has still to do below one root: `directories` to read; `suspects`, directories that may be giants; or `names`
 * of one directory to look at. Packed, because millions of them may wait and go from thread to thread.
 */
export interface Work {
  readonly kind: 'directories' | 'suspects' | 'names';
  /** The number of the root. */
  readonly disk: number;
  /** Raw path (model/byte-name.ts) of the directory that has the names; '' for the others. */
  readonly directory: string;
  readonly count: number;
  /** Raw names, or raw paths relative to the root, with a NUL between them. */
  readonly packed: Uint8Array;
}

/** Work from raw names or paths. */
export function workOf(kind: Work['kind'], disk: number, directory: string, names: readonly string[]): Work {
  // With memory of its own, which can go to another thread.
  const packed = Buffer.allocUnsafeSlow(names.reduce((sum, one) => sum + one.length + 1, -1));
  packed.write(names.join('\0'), 'latin1');
  return { kind, disk, directory, count: names.length, packed };
}

/** The raw names or paths in it. */
export function namesOf({ packed }: Work): string[] {
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).toString('latin1').split('\0');
}

/** The last `most` of it, and what is left, if anything is. Both still lie in the same memory. */
export function splitWork(work: Work, most: number): { readonly taken: Work; readonly left: Work | undefined } {
  if (work.count <= most) return { taken: work, left: undefined };
  let at = work.packed.length;
  for (let taken = 0; taken < most; taken += 1) at = work.packed.lastIndexOf(0, at - 1);
  return {
    taken: { ...work, count: most, packed: work.packed.subarray(at + 1) },
    left: { ...work, count: work.count - most, packed: work.packed.subarray(0, at) },
  };
}
