import { StowageError } from '../../errors.ts';
import { nameToBytes } from '../../model/byte-name.ts';

/** A way to prove who we are, and what is shown for it. */
export interface Proof {
  /** Four letters, as requests carry it. */
  readonly kind: string;
  readonly credentials: Uint8Array;
}

/** What we can do: to name our user and group, or to be known by our host's name. Both are what the server believes of itself. */
const known: Readonly<Record<string, (user: string) => Uint8Array>> = {
  unix: (user) => Buffer.concat([Buffer.from('unix\0'), nameToBytes(user), Buffer.from('\0')]),
  host: () => Buffer.from('host\0'),
};

/** Chooses from what the server takes (`&P=unix&P=host,…`): the first of `wanted` that it takes, or its own first that we have. */
export function proof(
  security: string,
  user: string,
  wanted: readonly string[] | undefined,
  what: string,
  server: string,
): Proof {
  const taken = security
    .split('&')
    .filter((piece) => piece.startsWith('P='))
    .map((piece) => piece.slice(2).split(',')[0]!);
  const usable = taken.filter((kind) => Object.hasOwn(known, kind));
  const kind = wanted?.find((one) => usable.includes(one)) ?? usable[0];
  if (kind !== undefined) return { kind, credentials: known[kind]!(user) };
  throw new StowageError(
    'unavailable',
    `${what}: it takes ${taken.join(', ') || 'nothing'}, and we have unix and host`,
    {
      facts: { server, errno: 'EAUTH', taken },
    },
  );
}
