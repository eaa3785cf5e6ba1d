/**
 * The numbers of the XRootD protocol, as "The XRootD Protocol, Version 5.1.0" (xrootd.org) and the constants published with it name them. All integers on the
 * wire are big-endian.
 */

/** What a client asks for (2.3.1 of the specification). */
export const requestId = {
  auth: 3000,
  query: 3001,
  close: 3003,
  dirlist: 3004,
  protocol: 3006,
  login: 3007,
  mkdir: 3008,
  mv: 3009,
  open: 3010,
  ping: 3011,
  read: 3013,
  rm: 3014,
  rmdir: 3015,
  sync: 3016,
  stat: 3017,
  write: 3019,
  endsess: 3023,
  bind: 3024,
  pgwrite: 3026,
  truncate: 3028,
  pgread: 3030,
} as const;

/** The name of a request. */
export type RequestName = keyof typeof requestId;

/** How a server answers (2.4.1). */
export const replyStatus = {
  ok: 0,
  oksofar: 4000,
  attn: 4001,
  authmore: 4002,
  error: 4003,
  redirect: 4004,
  wait: 4005,
  waitresp: 4006,
  status: 4007,
} as const;

/** The one action of kXR_attn that carries a late reply, kXR_asynresp (2.4.2.2), and the one that carries a message for the log, kXR_asyncms. */
export const attnAction = { message: 5002, reply: 5008 } as const;

/** The version that we speak: 5.1.1, in hexadecimal digits. */
export const protocolVersion = 0x511;

/** Flags of our kXR_protocol request. */
export const protocolRequest = { ableTls: 0x02, wantTls: 0x04, expectBind: 0x01, expectLogin: 0x03 } as const;

/** Flags of the server's answer to it. */
export const serverFlag = {
  pages: 0x0020_0000,
  persistOnClose: 0x0010_0000,
  tlsData: 0x0100_0000,
  tlsLogin: 0x0400_0000,
  tlsSession: 0x0800_0000,
  gotoTls: 0x4000_0000,
  haveTls: 0x8000_0000,
} as const;

/** What we say of ourselves as we log in: redirects may be whole URLs, both families of addresses are there, late replies are understood, version 5 of clients. */
export const loginAbility = { fullUrl: 0x01, bothFamilies: 0x08, asynchronous: 0x80, version: 5 } as const;

/** Options of kXR_open. */
export const openOption = {
  delete: 0x0002,
  new: 0x0008,
  read: 0x0010,
  update: 0x0020,
  makePath: 0x0100,
  returnStat: 0x0400,
  persistOnClose: 0x1000,
} as const;

/** Option of kXR_mkdir: parents too. */
export const makeParents = 1;

/** Option of kXR_dirlist: with what stat says of each. */
export const listWithStat = 2;

/** Kinds of kXR_query. */
export const queryKind = { statistics: 1, checksum: 3, config: 7 } as const;

/** Flags of what stat says. */
export const statFlag = { directory: 2, other: 4, offline: 8, readable: 16, writable: 32, pending: 64 } as const;

/** Length of a page of kXR_pgread and kXR_pgwrite. */
export const pageBytes = 4096;
