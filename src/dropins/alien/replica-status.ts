import { plainReason, StowageError } from '../../errors.ts';
import type { GridSession } from '../../grid/connect.ts';
import type { Access } from '../../grid/grid-results.ts';
import type { SendOptions } from '../../grid/session.ts';
import { statUrl } from '../../grid/xrootd/name-space.ts';
import type { Session } from '../../grid/xrootd/session.ts';
import type { EntryStat } from '../../grid/xrootd/stat.ts';

/** A replica, and what its server says of it. */
export interface ReplicaStatus {
  /** Empty where only an address is known. */
  readonly se: string;
  /** Without the envelope, which is secret. */
  readonly url: string;
  /** True if the server has it, with as many bytes as the catalogue says. */
  readonly isRight: boolean;
  /** `there`, or what is wrong with it. */
  readonly state: string;
  readonly stat?: EntryStat;
}

interface Place {
  readonly se: string;
  readonly url: string;
  /** Undefined where the central server gives none. */
  readonly envelope: string | undefined;
}

/** What each replica of a file is, as its server says now. Of a member of an archive, the archive is looked at. Rejects as `whereis` does. */
export async function replicaStatuses(
  grid: GridSession,
  storage: Session,
  lfn: string,
  options: SendOptions,
): Promise<readonly ReplicaStatus[]> {
  const replicas = await grid.whereis(lfn, { resolve: true, ...options });
  const accesses = await grid.accessToRead(lfn, [], options);
  const isMember = accesses.some(({ url }) => url.includes('#'));
  const bytes = isMember ? await archiveBytes(grid, lfn, options) : await fileBytes(grid, lfn, accesses, options);
  const places: Place[] = accesses.map(({ se, url, envelope }) => ({ se, url: url.split('#', 1)[0]!, envelope }));
  for (const { se, pfn } of replicas) {
    const isKnown = places.some((one) => one.se.toLowerCase() === se.toLowerCase());
    if (!isKnown) places.push({ se, url: pfn, envelope: undefined });
  }
  return Promise.all(places.map((place) => statusOf(storage, place, bytes, options)));
}

/** What a server says of one address. The catalogue is not asked, so that any size is right. */
export async function addressStatus(storage: Session, url: string, options: SendOptions): Promise<ReplicaStatus> {
  const place = { se: '', url: url.split('?', 1)[0]! };
  return look(storage, place, url, (stat) => (stat.kind === 'file' ? 'there' : `a ${stat.kind}`), options);
}

async function statusOf(
  storage: Session,
  { se, url, envelope }: Place,
  bytes: number | undefined,
  options: SendOptions,
): Promise<ReplicaStatus> {
  const place = { se, url };
  if (envelope === undefined) return { ...place, isRight: false, state: 'the central server gives no access' };
  const judged = (stat: EntryStat) => {
    if (stat.kind !== 'file') return `a ${stat.kind}`;
    if (bytes === undefined) return 'there; the catalogue does not say its size';
    return stat.bytes === bytes ? 'there' : `wrong size: the catalogue says ${bytes}`;
  };
  return look(storage, place, `${url}?xrd.wantprot=unix&authz=${envelope}`, judged, options);
}

async function look(
  storage: Session,
  place: { readonly se: string; readonly url: string },
  url: string,
  judged: (stat: EntryStat) => string,
  options: SendOptions,
): Promise<ReplicaStatus> {
  try {
    const stat = await statUrl(storage, url, options);
    if (stat === undefined) return { ...place, isRight: false, state: 'missing' };
    const state = judged(stat);
    return { ...place, isRight: state === 'there', state, stat };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const reason = error instanceof StowageError ? error.message : plainReason(error);
    return { ...place, isRight: false, state: reason };
  }
}

async function fileBytes(grid: GridSession, lfn: string, accesses: readonly Access[], options: SendOptions) {
  return accesses[0]?.bytes ?? (await grid.stat(lfn, options))?.bytes;
}

/** The size of the archive that a file is a member of; undefined where the catalogue does not lead to it. */
async function archiveBytes(grid: GridSession, lfn: string, options: SendOptions): Promise<number | undefined> {
  const pointers = await grid.whereis(lfn, options);
  const guid = pointers.map(({ pfn }) => /^guid:\/+([0-9a-f-]{36})/i.exec(pfn)?.[1]).find((one) => one !== undefined);
  if (guid === undefined) return undefined;
  const reply = await grid.send('guid2lfn', ['-nomsg', guid], options);
  const archive = reply.results[0]?.lfn;
  if (reply.exitCode !== 0 || typeof archive !== 'string') return undefined;
  return (await grid.stat(archive, options))?.bytes;
}
