import { createHash } from 'node:crypto';
import { wishOf } from '../grid/copy/upload/where-to.ts';
import type { Access } from '../grid/grid-results.ts';
import { displayName } from '../model/byte-name.ts';
import type { Diagnosis, StoreCheck } from '../store/examination.ts';
import { isErrno } from './grid-errno.ts';
import type { GridLink, GridSessions } from './grid-link.ts';
import { lookAt } from './grid-look.ts';
import type { GridPlaces } from './grid-places.ts';
import { newRandomName } from './waiting-files.ts';

const dayMs = 86_400_000;

/** What an account and a VO decide, and the store is built upon. */
export function gridChecks(places: GridPlaces, link: GridLink, where: readonly string[]): readonly StoreCheck[] {
  const check = (name: string, look: (sessions: GridSessions) => Promise<readonly Diagnosis[]>): StoreCheck => ({
    name,
    examine: () => link.use(look).finally(link.close),
  });
  return [
    check('grid-certificate', async (sessions) => certificate(sessions)),
    check('grid-elements', (sessions) => elements(sessions, places, where)),
  ];
}

function certificate({ credential }: GridSessions): readonly Diagnosis[] {
  if (credential === undefined) return [];
  const ends = credential.notAfter.toISOString();
  const what = `the ${credential.kind === 'token' ? 'token' : 'certificate'} ${displayName(credential.from)}`;
  if (credential.notAfter.getTime() - Date.now() > dayMs)
    return [{ outcome: 'ok', found: `${what} is good until ${ends}` }];
  const advice = 'stowage grid token-init makes a new one; a run that is stopped by its end goes on after that';
  return [{ outcome: 'warning', found: `${what} ends within a day, at ${ends}`, advice }];
}

/** Who would take an archive now: what is booked for that ends by itself. */
async function elements(
  sessions: GridSessions,
  places: GridPlaces,
  where: readonly string[],
): Promise<readonly Diagnosis[]> {
  const { grid } = sessions;
  const store = `the store ${displayName(places.location)}`;
  const [root] = await lookAt(sessions, [places.root], {});
  // That the store is not there is told where it is tried.
  if (root?.type !== 'directory') return [];
  const asked = where.length === 0 ? ['disk:2'] : where;
  const md5 = createHash('md5').update('').digest('hex');
  let accesses: readonly Access[];
  try {
    const lfn = `${places.waiting}/doctor-${newRandomName()}`;
    accesses = await grid.accessToWrite(lfn, { bytes: 1, md5, where: asked });
  } catch (error) {
    if (!isErrno(error, 77)) throw error;
    accesses = [];
  }
  const found: Diagnosis[] = [];
  const wanted = wishOf({ lfn: '', where }, 0).count;
  if (accesses.length < wanted)
    found.push({
      outcome: where.length === 0 && accesses.length > 0 ? 'warning' : 'problem',
      found: `${store}: of ${wanted} storage elements for ${asked.join(',')} the Grid offers ${accesses.length}`,
      advice: 'stowage grid listSEs shows which there are; "replicas" under "grid" says how many are wanted',
    });
  for (const access of accesses) found.push(await elementOf(sessions, access));
  return found;
}

async function elementOf({ sums }: GridSessions, { se, url }: Access): Promise<Diagnosis> {
  try {
    const kind = await sums.kindOf(url);
    if (kind === 'md5') return { outcome: 'ok', found: `the storage element ${se} answers, and keeps MD5s` };
    const what = kind === undefined ? 'keeps no checksum that we can take' : `keeps ${kind}, and no MD5`;
    const advice = 'of an archive there, verify --level digest proves nothing; --level read does';
    return { outcome: 'warning', found: `the storage element ${se} answers, and ${what}`, advice };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      outcome: 'problem',
      found: `the storage element ${se} cannot be reached: ${why}`,
      advice: 'another is taken in its place when archives are written; ask its site',
    };
  }
}
