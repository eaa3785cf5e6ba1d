import { isStowageError } from '../../../errors.ts';
import { type CallOptions, checksumUrl, configOf } from '../../xrootd/name-space.ts';
import type { Session } from '../../xrootd/session.ts';
import { parseXrootdUrl, serverOf } from '../../xrootd/url.ts';
import { type Turns, turns } from '../turns.ts';
import { type SumKind, sumKinds } from './sums.ts';

/** Which checksum storage elements have that we can take too. Each is asked once. */
export interface ServerSums {
  /** The most telling one; undefined for a server that has none. */
  kindOf(url: string): Promise<SumKind | undefined>;
  /** That of a file, in small letters. Servers count few at once, and send who asks for more away for half a minute: so each is asked for few at once. */
  of(url: string, kind: SumKind, call: CallOptions): Promise<string>;
}

/** XRootD counts four at once unless it is told otherwise, and there are others who ask. */
const mostAtOnce = 2;

/** For the servers of a session. */
export function serverSums(session: Session): ServerSums {
  const known = new Map<string, Promise<SumKind | undefined>>();
  const counting = new Map<string, Turns>();

  async function ask(url: string): Promise<SumKind | undefined> {
    const said = (await configOf(session, url, ['chksum'])).get('chksum') ?? '';
    // `0:md5,1:adler32`; older ones say `md5`; one without says `chksum` again.
    const kinds = said.split(/[\s,]+/).map((one) => one.replace(/^\d+:/, '').toLowerCase());
    return sumKinds.find((kind) => kinds.includes(kind));
  }

  return {
    async of(url, kind, call) {
      const server = serverOf(parseXrootdUrl(url));
      const few = counting.get(server) ?? turns(mostAtOnce);
      counting.set(server, few);
      const over = await few.take(1);
      try {
        return (await checksumUrl(session, url, { ...call, kind })).value;
      } finally {
        over?.();
      }
    },
    kindOf(url) {
      const server = serverOf(parseXrootdUrl(url));
      const before = known.get(server);
      if (before !== undefined) return before;
      const asked = ask(url).catch((error: unknown) => {
        known.delete(server);
        // One that answers, and not to this, keeps none that could be asked for.
        if (isStowageError(error) && error.facts.number !== undefined) return undefined;
        throw error;
      });
      known.set(server, asked);
      return asked;
    },
  };
}
