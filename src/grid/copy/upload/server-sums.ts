import { isStowageError } from '../../../errors.ts';
import { configOf } from '../../xrootd/name-space.ts';
import type { Session } from '../../xrootd/session.ts';
import { parseXrootdUrl, serverOf } from '../../xrootd/url.ts';
import { type SumKind, sumKinds } from './sums.ts';

/** Which checksum storage elements have that we can take too. Each is asked once. */
export interface ServerSums {
  /** The most telling one; undefined for a server that has none. */
  kindOf(url: string): Promise<SumKind | undefined>;
}

/** For the servers of a session. */
export function serverSums(session: Session): ServerSums {
  const known = new Map<string, Promise<SumKind | undefined>>();

  async function ask(url: string): Promise<SumKind | undefined> {
    const said = (await configOf(session, url, ['chksum'])).get('chksum') ?? '';
    // `0:md5,1:adler32`; older ones say `md5`; one without says `chksum` again.
    const kinds = said.split(/[\s,]+/).map((one) => one.replace(/^\d+:/, '').toLowerCase());
    return sumKinds.find((kind) => kinds.includes(kind));
  }

  return {
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
