import { StowageError } from '../errors.ts';
import { createDigest, keptDigest, rereadDigest } from '../hpss/digest.ts';
import { getStream } from '../hpss/get-stream.ts';
import type { HpssFile } from '../hpss/hpss-file.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { type HtarEntry, htarEntries } from '../hpss/htar-entries.ts';
import { htarItems } from '../hpss/htar-index.ts';
import { listTree } from '../hpss/list-tree.ts';
import { writesAtOnce } from '../hpss/sessions.ts';
import { compareTapePlaces, tapePlaces } from '../hpss/tape-places.ts';
import { displayName } from '../model/byte-name.ts';
import { unknownOwner } from '../model/entry.ts';
import type { IndexedItem } from '../model/manifest.ts';
import { parentOf } from '../model/relative-path.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { tarIndex } from '../pack/tar-index.ts';
import type { CallOptions, Store, StoredObject } from '../store/store.ts';
import { forwardReader } from './forward-reader.ts';
import { discardOnHpss, hpssDebris } from './hpss-debris.ts';
import { extractByHtar, isHtarArgument } from './hpss-extract.ts';
import { hpssLooks, objectOfFile } from './hpss-object.ts';
import { htarLimits, packByHtar } from './hpss-pack.ts';
import { hpssPlaces, indexSuffix } from './hpss-places.ts';
import { hpssPreflight } from './hpss-preflight.ts';
import { publishOnHpss } from './hpss-publish.ts';
import { writeToHpss } from './hpss-write.ts';
import { waitingFolder } from './waiting-files.ts';

export interface HpssStoreOptions extends HpssOptions {
  /** False: every archive is streamed. */
  readonly htar?: boolean;
  /** How many members htar takes into one archive; a million if not given. */
  readonly htarMembers?: number;
}

/**
 * A store on HPSS, below an absolute path there: the object `SECTION/NAME` is the file `ROOT/SECTION/NAME`, as HPSSPy has it. What is written waits in `ROOT/.stowage/tmp`. An htar
 * index (`NAME.tar.idx`) belongs to its archive and is no object; `index` asks it, and reads the archive where there is none. Links to files are objects; a link to a directory, or to nothing, is an error, because what lies behind would be left out in silence.
 */
export function hpssStore(root: string, options: HpssStoreOptions = {}): Store {
  const places = hpssPlaces(root);
  const { location } = places;
  const looks = hpssLooks(options);
  const withSignal = (call?: CallOptions): HpssOptions =>
    call?.signal === undefined ? options : { ...options, signal: call.signal };

  let isRootThere = false;
  const requireRoot = async (): Promise<void> => {
    if (isRootThere) return;
    const file = await looks(places.root);
    isRootThere = file?.rawType === 'd';
    if (isRootThere) return;
    const what = file === undefined ? 'does not exist' : 'is not a directory';
    throw new StowageError('unavailable', `the store ${location} ${what}`, {
      hint: `if it is new: hsi "mkdir -p ${displayName(places.root)}"`,
    });
  };
  const look = async (path: string): Promise<HpssFile | undefined> => looks(path);
  const seen = async (key: StoreKey): Promise<StoredObject | undefined> => {
    const [file] = await Promise.all([look(places.object(key)), requireRoot()]);
    return file?.rawType === '-' ? objectOfFile(key, file) : undefined;
  };
  const held = async (key: StoreKey): Promise<StoredObject> => {
    const object = await seen(key);
    if (object !== undefined) return object;
    throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
  };
  const readRange = forwardReader((object) => getStream(places.object(object.key), object.bytes, options));

  return {
    location,
    limits: { parallelWrites: writesAtOnce(options) },
    async stat(key, call) {
      call?.signal?.throwIfAborted();
      return seen(key);
    },
    async *list(prefix, call) {
      call?.signal?.throwIfAborted();
      const folder = parentOf(prefix);
      const [top] = await Promise.all([look(folder === '' ? places.root : places.object(folder)), requireRoot()]);
      if (top?.rawType !== 'd') return;
      const linked: StoreKey[] = [];
      for await (const one of listTree(folder === '' ? places.root : places.object(folder), withSignal(call))) {
        if ('error' in one) throw one.error;
        const below = one.path === places.root ? '' : one.path.slice(places.object('').length);
        if (below === waitingFolder || below.startsWith(`${waitingFolder}/`)) continue;
        for (const file of one.files) {
          const path = below === '' ? file.name : `${below}/${file.name}`;
          if (file.rawType === 'd' || !path.startsWith(prefix) || path.endsWith(`.tar${indexSuffix}`)) continue;
          if (file.rawType === '-') yield objectOfFile(storeKey(path), file);
          else if (file.islink) linked.push(storeKey(path));
        }
      }
      for (const key of linked) {
        const file = await look(places.object(key));
        if (file?.rawType === '-') yield objectOfFile(key, file);
        else throw brokenLink(key, location, file !== undefined);
      }
    },
    async get(key, call) {
      const object = await held(key);
      const range = call?.range ?? { start: 0, end: object.bytes };
      if (range.end > object.bytes)
        throw new StowageError('corrupt', `'${displayName(key)}' ends at byte ${object.bytes}, not at ${range.end}`);
      if (range.start === 0 && range.end === object.bytes)
        return getStream(places.object(key), object.bytes, withSignal(call));
      return readRange(object, range);
    },
    async *index(key, call) {
      const path = places.object(key);
      const [object, index] = await Promise.all([held(key), look(path + indexSuffix)]);
      const options = withSignal(call);
      if (index === undefined)
        yield* tarIndex(async (start, end) => joined(readRange(object, { start, end })), object.bytes);
      else yield* indexedItems(await htarEntries(path, options), options.zone);
    },
    async planRecall(objects, call) {
      const keys = [...objects.keys()];
      const found = await tapePlaces(keys.map(places.object), withSignal(call));
      const placed = keys.flatMap((key, at) => (found[at] === undefined ? [] : [{ key, place: found[at] }]));
      placed.sort((a, b) => compareTapePlaces(a.place, b.place));
      const there = new Set(placed.map(({ key }) => key));
      const mounts = new Set(placed.flatMap(({ place }) => (place.cartridge === '' ? [] : [place.cartridge])));
      return {
        order: [...there, ...keys.filter((key) => !there.has(key))],
        mounts: mounts.size,
        bytes: keys.reduce((sum, key) => sum + objects.get(key)!, 0),
      };
    },
    async digest(key, kind, call) {
      const kept = await keptDigest(places.object(key), kind, withSignal(call));
      // Only what keeps none need be asked for: what is not there keeps none either.
      if (kept === undefined) await held(key);
      return kept;
    },
    async reread(key, call) {
      return rereadDigest(places.object(key), withSignal(call));
    },
    async createDigest(key, kind, call) {
      return createDigest(places.object(key), kind, withSignal(call));
    },
    async write(key, bytes, call) {
      call?.signal?.throwIfAborted();
      await requireRoot();
      return writeToHpss(places, look, key, bytes, withSignal(call));
    },
    ...(options.htar === false
      ? {}
      : {
          pack: {
            limits: htarLimits(options.htarMembers),
            async write(key, base, members, call) {
              call?.signal?.throwIfAborted();
              await requireRoot();
              const mostMembers = htarLimits(options.htarMembers).members;
              return packByHtar(places, look, key, base, members, { ...withSignal(call), mostMembers });
            },
          },
        }),
    extract: {
      takes: async (key) => key.endsWith('.tar') && (await look(places.object(key) + indexSuffix)) !== undefined,
      carries: isHtarArgument,
      files: (key, names, into, call) => extractByHtar(places.object(key), names, into, withSignal(call)),
    },
    preflight: (wants, call) =>
      hpssPreflight(places, wants, {
        ...withSignal(call),
        ...(call?.trial === undefined ? {} : { trial: call.trial }),
      }),
    publish: (written, call) => publishOnHpss(places, written, call?.replaces, withSignal(call)),
    discard: (written, call) => discardOnHpss(places, look, written, withSignal(call)),
    async *debris(call) {
      await requireRoot();
      yield* hpssDebris(places, look, withSignal(call));
    },
  };
}

function* indexedItems(entries: readonly HtarEntry[], zone: string | undefined): Generator<IndexedItem> {
  for (const item of htarItems(entries, zone)) {
    if (item.kind === 'foreign') {
      yield item;
      continue;
    }
    const { kind, mtime, ...member } = item;
    const mtimeNs = BigInt(mtime) * 1_000_000_000n;
    yield { kind, member: { ...member, mtimeNs, uid: unknownOwner, gid: unknownOwner } };
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function brokenLink(key: StoreKey, location: string, leadsSomewhere: boolean): StowageError {
  const what = leadsSomewhere ? 'is a link to something that is not a file' : 'is a link that leads nowhere';
  return new StowageError(
    'unavailable',
    `'${displayName(key)}' in ${location} ${what}, so what it stands for cannot be seen`,
    { hint: 'remove the link, or put what it leads to in its place' },
  );
}
