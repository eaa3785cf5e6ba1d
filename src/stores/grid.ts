import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { StowageError } from '../errors.ts';
import type { ConnectOptions } from '../grid/connect.ts';
import { displayName } from '../model/byte-name.ts';
import { parentOf } from '../model/relative-path.ts';
import { ownPrefix, type StoreKey } from '../model/store-key.ts';
import { tarIndex } from '../pack/tar-index.ts';
import type { ByteRange, CallOptions, CopyOptions, Store, StoredObject } from '../store/store.ts';
import { gridBookings } from './grid-bookings.ts';
import { discardOnGrid, gridDebris } from './grid-debris.ts';
import { type GridLink, type GridSessions, gridLink } from './grid-link.ts';
import { filesBelow, lookAt, requireRoot } from './grid-look.ts';
import { gridObject } from './grid-object.ts';
import { gridPlaces } from './grid-places.ts';
import { gridPreflight } from './grid-preflight.ts';
import { publishOnGrid } from './grid-publish.ts';
import { bytesFrom, md5At, ofOneReplica, onlyAt, replicaNames, replicasOf } from './grid-read.ts';
import { gridSpool } from './grid-spool.ts';
import { type GridParts, writeToGrid } from './grid-write.ts';

export interface GridStoreOptions {
  /** A folder of the record: what is being sent is noted there. */
  readonly state: string;
  /** Where archives are put aside before they are sent; below `state` if not given. */
  readonly spool?: string | undefined;
  /** Where replicas go: `disk:2`, names of storage elements, `!SE`. The VO's default if not given. */
  readonly where?: readonly string[] | undefined;
  /** How many archives are written at once; 2 if not given. */
  readonly writes?: number | undefined;
  readonly connection?: ConnectOptions | undefined;
  readonly files?: FileOperations | undefined;
  /** Is told what a user should know. */
  readonly tell?: ((text: string) => void) | undefined;
}

/**
 * A store on the Grid, below an absolute LFN. The object `SECTION/NAME` is the file `ROOT/SECTION/NAME`. What is written is on the storage elements and registered below `.stowage/tmp`; publishing gives it its
 * name, in the catalogue alone. The version is the GUID.
 */
export function gridStore(root: string, options: GridStoreOptions): Store & { readonly close: () => Promise<void> } {
  const { files = realFiles, tell = () => undefined } = options;
  const places = gridPlaces(root);
  const { location } = places;
  const bookings = gridBookings(files, `${options.state}/grid`, location);
  const spoolFolder = options.spool ?? `${options.state}/spool`;
  const spool = gridSpool(files, spoolFolder);
  const writes = options.writes ?? 2;
  const link: GridLink = gridLink({ tell, ...options.connection });
  const parts: GridParts = { places, bookings, where: options.where ?? [] };
  let rootSeen = false;
  let waitingMade = false;

  type Call = CallOptions | undefined;
  type CopyCall = CopyOptions | undefined;
  const signalIn = (call: Call) => (call?.signal === undefined ? {} : { signal: call.signal });

  async function rooted(sessions: GridSessions, call: Call): Promise<void> {
    if (rootSeen) return;
    await requireRoot(sessions, places, signalIn(call));
    rootSeen = true;
  }
  async function seen(sessions: GridSessions, key: StoreKey, call: Call): Promise<StoredObject | undefined> {
    const [entry] = await lookAt(sessions, [places.object(key)], signalIn(call));
    if (entry === undefined) await rooted(sessions, call);
    return entry === undefined || entry.type === 'directory' || entry.type === 'collection'
      ? undefined
      : gridObject(key, entry);
  }
  async function held(sessions: GridSessions, key: StoreKey, call: Call): Promise<StoredObject> {
    const object = await seen(sessions, key, call);
    if (object !== undefined) return object;
    throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
  }

  async function accessesTo(sessions: GridSessions, object: StoredObject, call: CopyCall) {
    const accesses = await replicasOf(sessions, places.object(object.key), object, signalIn(call));
    return call?.copy === undefined ? accesses : onlyAt(accesses, call.copy, object);
  }
  async function* bytesOf(object: StoredObject, range: ByteRange, call: CopyCall): AsyncGenerator<Uint8Array> {
    if (range.start === range.end) return;
    const { sessions, release } = await link.hold();
    try {
      const accesses = await accessesTo(sessions, object, call);
      const bytes = bytesFrom(sessions, object, accesses, range, signalIn(call));
      yield* call?.copy === undefined ? bytes : ofOneReplica(bytes);
    } finally {
      release();
    }
  }

  return {
    location,
    limits: { parallelWrites: writes },
    stat: (key, call) => link.use((sessions) => seen(sessions, key, call)),
    async *list(prefix, call) {
      const { sessions, release } = await link.hold();
      try {
        await rooted(sessions, call);
        const folder = parentOf(prefix);
        for await (const file of filesBelow(
          sessions,
          folder === '' ? places.root : places.object(folder),
          signalIn(call),
        )) {
          const key = places.keyOf(file.lfn);
          if (key === undefined)
            throw new StowageError(
              'unavailable',
              `the central server listed '${displayName(file.lfn)}' in ${location}`,
            );
          if (key.startsWith(prefix) && !key.startsWith(`${ownPrefix}tmp/`)) yield gridObject(key, file);
        }
      } finally {
        release();
      }
    },
    async get(key, call) {
      const object = await link.use((sessions) => held(sessions, key, call));
      const range = call?.range ?? { start: 0, end: object.bytes };
      if (range.end > object.bytes)
        throw new StowageError('corrupt', `'${displayName(key)}' ends at byte ${object.bytes}, not at ${range.end}`);
      return bytesOf(object, range, call);
    },
    async *index(key, call) {
      const object = await link.use((sessions) => held(sessions, key, call));
      const read = async (start: number, end: number) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of bytesOf(object, { start, end }, call)) chunks.push(chunk);
        return Buffer.concat(chunks);
      };
      yield* tarIndex(read, object.bytes);
    },
    copies: (key, call) =>
      link.use(async (sessions) => {
        const object = await held(sessions, key, call);
        return replicaNames(sessions, places.object(key), object, signalIn(call));
      }),
    digest: (key, kind, call) =>
      link.use(async (sessions) => {
        const object = await held(sessions, key, call);
        if (kind !== 'md5' || call?.copy === undefined) return object.digests[kind];
        const [access] = await accessesTo(sessions, object, call);
        return md5At(sessions, access!, signalIn(call));
      }),
    async write(key, bytes, call) {
      call?.signal?.throwIfAborted();
      await link.use(async (sessions) => {
        await rooted(sessions, call);
        if (!waitingMade) await sessions.grid.mkdir(places.waiting, { parents: true, ...signalIn(call) });
        waitingMade = true;
      });
      const spooled = await spool.write(bytes, call?.signal);
      try {
        return await link.use((sessions) => writeToGrid(parts, sessions, key, spooled, call?.signal));
      } finally {
        await spooled.remove();
      }
    },
    async *publish(written, call) {
      const { sessions, release } = await link.hold();
      try {
        await rooted(sessions, call);
        yield* publishOnGrid(places, sessions, written, call?.replaces, signalIn(call));
      } finally {
        release();
      }
    },
    discard: (written, call) => link.use((sessions) => discardOnGrid(parts, sessions, written, tell, signalIn(call))),
    async *debris(call) {
      const { sessions, release } = await link.hold();
      try {
        await rooted(sessions, call);
        yield* gridDebris(parts, sessions, signalIn(call));
      } finally {
        release();
      }
    },
    preflight: (wants, call) =>
      link.use(async (sessions) => {
        await rooted(sessions, call);
        return gridPreflight({ places, where: parts.where, spool: spoolFolder, writes }, sessions, wants, call ?? {});
      }),
    close: () => link.close(),
  };
}
