/** How patient we are with servers, and how much we take from them. */
export interface Limits {
  /** For a connection to be there, logged in. */
  readonly connectMs: number;
  /** Without a single byte, while an answer is awaited. */
  readonly silenceMs: number;
  /** For one request, whatever trickles in. */
  readonly requestMs: number;
  /** For all that one request is told to wait, whether to ask again or to be answered late. */
  readonly waitMs: number;
  /** How often one request may be sent elsewhere. */
  readonly redirects: number;
  /** How often what may be asked twice is asked again where a connection was lost. */
  readonly retries: number;
  /** Connections to one server. A further one is made when all others are busy. */
  readonly connections: number;
}

/** Half an hour to wait and for a request; a minute of silence; two to connect; sixteen redirects as other clients allow. */
export const defaultLimits: Limits = {
  connectMs: 120_000,
  silenceMs: 60_000,
  requestMs: 1_800_000,
  waitMs: 1_800_000,
  redirects: 16,
  retries: 2,
  connections: 4,
};

/** Most bytes of an answer that is no data of a file: a listing has a limit of its own. */
export const answerBytes = 1 << 20;

/** Most bytes of a listing of one directory: about a million names. */
export const listingBytes = 128 << 20;
