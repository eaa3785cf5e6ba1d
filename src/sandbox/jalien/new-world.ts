import { type Entry, newCatalogue } from './catalogue.ts';
import { commandNames } from './command-names.ts';
import { guidMaker, storagePath } from './guid.ts';
import { parentOf } from './lfn.ts';
import { type Kept, openState } from './state.ts';
import type { Authority } from './trust/authority.ts';
import { type Booking, bookingKey, homeOf, type Job, type Quotas, type StorageElement, type World } from './world.ts';

/** A file that the catalogue holds from the beginning; its parents are made. */
export interface SeedFile {
  /** Absolute, or relative to the user's home. */
  readonly path: string;
  readonly size: number;
  readonly md5?: string;
  readonly guid?: string;
  readonly ctimeMs?: number;
  /** Names of SEs: the first one if not given. */
  readonly replicas?: readonly string[];
}

export interface WorldOptions {
  /** `jalien` if not given. */
  readonly user?: string;
  /** Where home directories are: `/localhost/localdomain`. */
  readonly organisation?: string;
  /** One with `disk` where nothing listens, if not given. */
  readonly elements?: readonly Omit<StorageElement, 'number'>[];
  readonly seed?: readonly SeedFile[];
  /** A folder that keeps the catalogue over restarts of the process. */
  readonly state?: string;
  /** Which names the user may take besides his own. */
  readonly roles?: readonly string[];
  readonly quotas?: Partial<Quotas>;
  readonly site?: string;
  /** As production servers do; true if not given. */
  readonly statHasLfn?: boolean;
  /** Milliseconds; the clock of this machine if not given. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const oneElement: Omit<StorageElement, 'number'> = {
  name: 'LOCALHOST::JTESTSITE::FIRSTSE',
  endpoint: 'root://127.0.0.1:21094/',
  storagePath: '/jse',
  qos: ['disk'],
};

/** Everything as it is at the beginning: homes of the user and of `admin`, the seed, or what the state folder has. */
export function newWorld(options: WorldOptions, authority: Authority): World {
  const { user = 'jalien', organisation = '/localhost/localdomain', now = Date.now } = options;
  const state = options.state === undefined ? undefined : openState(options.state);
  const elements = (options.elements ?? [oneElement]).map((one, index) => ({ ...one, number: index + 1 }));
  // What is read from the state is not written to it again.
  let isReading = true;
  const keep = (change: Kept): void => {
    if (!isReading) state?.append(change);
  };
  const catalogue = newCatalogue(keep);
  const bookings = new Map<string, Booking>();
  const jobs = new Map<number, Job>();
  const world: World = {
    organisation,
    catalogue,
    elements,
    bookings,
    book(booking) {
      bookings.set(bookingKey(booking.guid, booking.se), booking);
      keep({ book: booking });
    },
    unbook(key) {
      bookings.delete(key);
      keep({ unbook: key });
    },
    jobs,
    putJob(job) {
      jobs.set(job.id, job);
      keep({ job });
    },
    quotas: { files: options.quotas?.files ?? new Map(), jobs: options.quotas?.jobs ?? new Map() },
    authority,
    users: new Map([
      [user, [user, ...(options.roles ?? [])]],
      ['admin', ['admin', user]],
    ]),
    now,
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms).unref())),
    newGuid: guidMaker(now),
    site: options.site ?? 'JTestSite',
    statHasLfn: options.statHasLfn ?? true,
    commandNames,
  };
  const kept = state?.read() ?? [];
  for (const change of kept) replay(world, change);
  isReading = false;
  if (kept.length > 0) return world;
  makeHomes(world, user);
  for (const file of options.seed ?? []) plant(world, user, file);
  return world;
}

function replay(world: World, change: Kept): void {
  const { elements } = world;
  // An SE may listen on another port than it did.
  const moved = <T extends { readonly se: string; readonly pfn: string }>(one: T, guid = ''): T => {
    const element = elements.find(({ name }) => name === one.se);
    return element === undefined || guid === '' ? one : { ...one, pfn: pfnOf(element, guid) };
  };
  if ('put' in change) {
    const { replicas, guid } = change.put;
    world.catalogue.put({ ...change.put, replicas: replicas.map((one) => moved(one, guid)) });
  } else if ('remove' in change) world.catalogue.remove(change.remove);
  else if ('book' in change) world.book(moved(change.book, change.book.guid));
  else if ('unbook' in change) world.unbook(change.unbook);
  else world.putJob(change.job);
}

/** Ids as the recorded server's had them: what comes after the homes begins at 7. */
function makeHomes({ catalogue, organisation, now }: World, user: string): void {
  const ctimeMs = now();
  const directory = (path: string, id: number, owner: string): void => {
    if (catalogue.get(path) !== undefined) return;
    catalogue.put({ path, id, type: 'd', owner, group: owner, perm: '755', ctimeMs, size: 0, replicas: [] });
  };
  directory('/', 0, 'admin');
  for (const above of pathsTo(organisation).slice(0, -1)) directory(above, 0, 'admin');
  let id = 0;
  for (const owner of ['admin', user]) {
    const home = homeOf(organisation, owner);
    for (const path of [...pathsTo(home), home]) {
      if (!path.startsWith(organisation) || catalogue.get(path) !== undefined) continue;
      id += 1;
      directory(path, id, path === home ? owner : 'admin');
    }
  }
}

/** Puts a file into the catalogue, with its parents, and answers what it is there. Nothing is stored. */
export function plant(world: World, user: string, file: SeedFile): Entry {
  const { catalogue, elements, now } = world;
  const path = file.path.startsWith('/') ? file.path : `${homeOf(world.organisation, user)}/${file.path}`;
  const ctimeMs = file.ctimeMs ?? Math.floor(now() / 1000) * 1000;
  const owned = { owner: user, group: user, perm: '755', ctimeMs };
  for (const above of [...pathsTo(path)].slice(0, -1)) {
    if (catalogue.get(above) !== undefined) continue;
    catalogue.put({
      ...owned,
      ctimeMs: Math.floor(now() / 1000) * 1000,
      path: above,
      type: 'd',
      size: 0,
      replicas: [],
    });
  }
  const guid = file.guid ?? world.newGuid();
  const names = file.replicas ?? elements.slice(0, 1).map((one) => one.name);
  const replicas = elements
    .filter((one) => names.includes(one.name))
    .map((one) => ({ se: one.name, pfn: pfnOf(one, guid) }));
  const md5 = file.md5 === undefined ? {} : { md5: file.md5 };
  return catalogue.put({ ...owned, ...md5, path, type: 'f', size: file.size, guid, replicas });
}

/** Where an SE keeps a GUID. */
export function pfnOf(element: StorageElement, guid: string): string {
  return `${element.endpoint}${element.storagePath}${storagePath(guid)}`;
}

function pathsTo(path: string): readonly string[] {
  return path === '/' ? [] : [...pathsTo(parentOf(path)), path];
}
