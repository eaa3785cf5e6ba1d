import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { storagePath } from '../src/sandbox/jalien/guid.ts';
import { plant } from '../src/sandbox/jalien/new-world.ts';
import { pemFiles } from '../src/sandbox/jalien/pem-files.ts';
import type { StorageElement } from '../src/sandbox/jalien/world.ts';
import type { LineOptions, Relay } from '../src/sandbox/relay.ts';
import { type GridUser, gridUser } from './alien.ts';
import { relayed } from './relayed.ts';
import { scratchFolder } from './scratch-folder.ts';
import { startXrootd, type XrootdServer } from './xrootd-servers.ts';

/** A storage element of a test. */
export interface ElementOptions {
  /** The last part of its name: `LOCALHOST::JTESTSITE::NAME`. */
  readonly name: string;
  /** `disk` if nothing is said. */
  readonly qos?: readonly string[];
  /** Named by `roots://`, or by `root://` and refusing who does not encrypt; the Grid's authority vouches for it. */
  readonly tls?: 'named' | 'demanded';
  /** It has no space for a new file. What it held can be read. */
  readonly full?: boolean;
  /** The element is a redirector, with two servers behind it that have half of the files each. */
  readonly redirector?: boolean;
  /** Over which line it is reached; a good one if nothing is said. */
  readonly line?: LineOptions;
  /** More lines for its configuration. */
  readonly config?: readonly string[];
}

/** A storage element for which something else answers than a real server. Nothing can be planted there, but in the catalogue. */
export interface StrangeElement {
  readonly name: string;
  readonly port: number;
}

/** A storage element that runs. */
export interface Element {
  /** In full. */
  readonly name: string;
  /** The real server; of a redirector, the redirector. */
  readonly server: XrootdServer;
  /** Who have the files: the server itself, or both that it sends to. */
  readonly holders: readonly XrootdServer[];
  /** Only with a line of its own. */
  readonly relay?: Relay;
}

/** A user of a central server with real storage elements, on which anything can be broken. */
export interface GridStand extends GridUser {
  /** By the last part of its name. */
  element(name: string): Element;
  /** Puts a file into the catalogue and on these elements (the first if none is named) as if somebody had; answers its LFN. A path without a slash at its beginning is in the home. */
  plant(path: string, bytes: Uint8Array, ...names: readonly string[]): string;
  /** Where an element keeps the bytes of a file, on this machine. */
  replica(lfn: string, name: string): string;
  /** Changes one byte in the middle of a replica. Its size stays. */
  corrupt(lfn: string, name: string): void;
  /** Removes the bytes of a replica; the catalogue still names it. */
  lose(lfn: string, name: string): void;
}

const site = 'LOCALHOST::JTESTSITE::';

/** Starts a central server with these storage elements, and stops all when the running test ends. `line` is the one to the central server. */
export async function gridStand(
  wanted: readonly ElementOptions[],
  { strange = [], ...options }: Parameters<typeof gridUser>[0] & { readonly strange?: readonly StrangeElement[] } = {},
): Promise<GridStand> {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const { authority } = pemFiles(join(folder, 'central'), 'jalien');
  const made = await Promise.all(wanted.map((one) => startElement(one, authority)));
  const user = await gridUser({
    folder: join(folder, 'central'),
    elements: [...made.map(({ element }) => element), ...strange.map(strangeElement)],
    ...options,
  });
  const { world } = user.central;
  const element = (name: string): Element => {
    const found = made.find((one) => one.name === `${site}${name}`);
    if (found === undefined) throw new Error(`there is no element '${name}'`);
    return found;
  };
  const replica = (lfn: string, name: string): string => {
    const entry = world.catalogue.get(lfn);
    if (entry?.guid === undefined) throw new Error(`the catalogue has no file '${lfn}'`);
    const path = `${name.toLowerCase()}${storagePath(entry.guid)}`;
    return join(holderOf(element(name), path).data, path);
  };
  return {
    ...user,
    element,
    replica,
    plant(path, bytes, ...names) {
      const on = names.length === 0 ? [wanted[0]!.name] : names;
      const md5 = createHash('md5').update(bytes).digest('hex');
      const replicas = on.map((name) => `${site}${name}`);
      const entry = plant(world, 'jalien', { path, size: bytes.length, md5, replicas });
      for (const name of on.filter((one) => strange.every((other) => other.name !== one))) {
        const place = `${name.toLowerCase()}${storagePath(entry.guid!)}`;
        holderOf(element(name), place).put(place, bytes);
      }
      return entry.path;
    },
    corrupt(lfn, name) {
      const place = replica(lfn, name);
      const bytes = readFileSync(place);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(place, bytes);
      // A server keeps the checksum of a file while the second of its time is the same.
      utimesSync(place, 1_700_000_000, 1_700_000_000);
    },
    lose: (lfn, name) => rmSync(replica(lfn, name)),
  };
}

function strangeElement({ name, port }: StrangeElement): Omit<StorageElement, 'number'> {
  const endpoint = `root://127.0.0.1:${port}/`;
  return { name: `${site}${name}`, endpoint, storagePath: `/${name.toLowerCase()}`, qos: ['disk'] };
}

async function startElement(
  { name, qos = ['disk'], tls, full, redirector, line, config = [] }: ElementOptions,
  authority: ReturnType<typeof pemFiles>['authority'],
): Promise<Element & { readonly element: Omit<StorageElement, 'number'> }> {
  const path = `/${name.toLowerCase()}`;
  const secured = tls === undefined ? {} : ({ tls: 'good', authority } as const);
  const demand = tls === 'demanded' ? ['xrootd.tls all'] : [];
  const start = async (lines: readonly string[]): Promise<XrootdServer> => {
    const server = await startXrootd({ ...secured, full: full === true, config: [...demand, ...lines, ...config] });
    onTestFinished(() => server.stop());
    return server;
  };
  const holders = redirector === true ? await Promise.all([start([]), start([])]) : [];
  const sent = holders.flatMap((holder, half) =>
    halves[half]!.map((at) => `xrootd.redirect 127.0.0.1:${holder.port} ${path}/${at}`),
  );
  const server = await start(sent);
  const relay = line === undefined ? undefined : await relayed(server.port, line);
  const scheme = tls === 'named' ? 'roots' : 'root';
  return {
    name: `${site}${name}`,
    server,
    holders: redirector === true ? holders : [server],
    ...(relay === undefined ? {} : { relay }),
    element: {
      name: `${site}${name}`,
      endpoint: `${scheme}://127.0.0.1:${relay?.port ?? server.port}/`,
      storagePath: path,
      qos,
      folder: server.data,
    },
  };
}

/** Names begin with a number below sixteen. */
const halves = [0, 8].map((from) => Array.from({ length: 8 }, (_, index) => String(from + index).padStart(2, '0')));

function holderOf({ holders }: Element, place: string): XrootdServer {
  return holders[holders.length === 1 || halves[0]!.includes(place.split('/')[1]!) ? 0 : 1]!;
}
