import { plainReason } from '../errors.ts';

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the server closed the connection',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EPIPE: 'the server closed the connection',
};

/** Why a connection did not come about, or was lost, in plain words. */
export function networkReason(error: unknown): string {
  // Of several addresses that were tried, the first says enough.
  const one = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const code = (one as { code?: unknown } | null)?.code;
  return words[String(code)] ?? plainReason(one);
}
