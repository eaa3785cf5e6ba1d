import { StowageError } from '../errors.ts';
import { type Content, smallBytes } from '../grid/copy/upload/content.ts';
import { openLocalFile } from '../grid/copy/upload/local-file.ts';
import { sharedChunks } from '../grid/copy/upload/shared-chunks.ts';
import { wishOf } from '../grid/copy/upload/where-to.ts';
import { writeReplicas } from '../grid/copy/upload/write-replicas.ts';
import type { Access } from '../grid/grid-results.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Written } from '../store/store.ts';
import type { BookedReplica, GridBookings } from './grid-bookings.ts';
import type { GridSessions } from './grid-link.ts';
import { lookAt } from './grid-look.ts';
import { gridObject } from './grid-object.ts';
import { type GridPlaces, newGridToken } from './grid-places.ts';
import type { SpooledObject } from './grid-spool.ts';

/** What writing needs to know of the store that it works in. */
export interface GridParts {
  readonly places: GridPlaces;
  readonly bookings: GridBookings;
  /** What is asked for: `disk:2`, names of storage elements, `!SE`. Empty: two on disk, or as many of them as there are. */
  readonly where: readonly string[];
}

const chunkBytes = 4 << 20;

/**
 * Sends an object to storage elements, each of which says itself what it then holds, and registers it under the name under which it waits. Rejects unless all replicas that were asked for are there; a storage
 * element that fails is made up for by another one.
 */
export async function writeToGrid(
  { places, bookings, where }: GridParts,
  { grid, xrootd, sums }: GridSessions,
  key: StoreKey,
  spooled: SpooledObject,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const call = signal === undefined ? {} : { signal };
  const token = newGridToken(key);
  const lfn = places.waitingObject(token);
  const { bytes, md5 } = spooled;
  const file = await openLocalFile(spooled.path);
  try {
    const content: Content = { bytes, md5, whole: bytes <= smallBytes ? await file.read(0, bytes) : undefined };
    const replicas: BookedReplica[] = [];
    let guid: string | undefined;
    const written = await writeReplicas(
      grid,
      { session: xrootd, sums },
      {
        lfn,
        // By its name alone, a file may get more of them: that is for files that people put there.
        wish: wishOf({ lfn: '', where }, bytes),
        writing: {
          content,
          chunks: sharedChunks(file, content, chunkBytes),
          options: call,
          refuseChanged: () => file.refuseChanged(),
        },
        options: call,
        at: [],
        async booked(accesses: readonly Access[]) {
          for (const { se, url, envelope } of accesses) replicas.push({ se, url, envelope });
          guid = accesses[0]?.guid ?? guid;
          await bookings.note({ location: places.location, key, token, guid: guid ?? '', bytes, md5, replicas });
        },
        moved: () => undefined,
        failed: () => undefined,
      },
    );
    // What nobody can say of whether it is there, the next run looks for.
    if (!written.isOpen) await bookings.forget(token);
    if (written.elements.length < written.wanted) {
      signal?.throwIfAborted();
      if (written.elements.length > 0) await grid.rm([lfn]).catch(() => undefined);
      throw tooFew(key, written);
    }
    const [seen] = await lookAt({ grid }, [lfn], call);
    const object = seen === undefined ? undefined : gridObject(key, seen);
    if (object?.bytes === bytes && object.version === guid?.toLowerCase() && object.digests.md5 === md5)
      return { key, token, object };
    throw new StowageError('corrupt', `what was registered for '${displayName(key)}' is not what was sent`, {
      facts: { bytes, md5, guid, seen: seen?.bytes, seenMd5: seen?.md5, seenGuid: seen?.guid },
    });
  } finally {
    await file.close();
  }
}

function tooFew(
  key: StoreKey,
  {
    elements,
    wanted,
    failures,
  }: { readonly elements: readonly string[]; readonly wanted: number; readonly failures: readonly StowageError[] },
): StowageError {
  const what = `'${displayName(key)}' is at ${elements.length} of ${wanted} storage elements`;
  const why = [...new Set(failures.map(({ message }) => message))].join('; ');
  const codes = new Set(failures.map(({ code }) => code));
  return new StowageError(
    codes.size === 1 && codes.has('full') ? 'full' : 'unavailable',
    why === '' ? what : `${what}: ${why}`,
    {
      hint: 'run the same command again later, or ask for fewer or for others: "replicas" under "grid"',
      facts: { elements, wanted },
      ...(failures[0] === undefined ? {} : { cause: failures[0] }),
    },
  );
}
