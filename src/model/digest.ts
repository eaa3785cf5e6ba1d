/** The digests that stores know. */
export type DigestKind = 'sha256' | 'md5' | 'crc32' | 'adler32';

/** Hex digests by kind; empty if there are none. */
export type Digests = { readonly [kind in DigestKind]?: string };
