import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { startRelay } from '../relay.ts';
import { type Fault, readFaults } from './faults.ts';
import { type Central, startCentral } from './start-central.ts';
import { issueToken } from './trust/authority.ts';
import { homeOf, type StorageElement } from './world.ts';
import { hasXrootd, startXrootd } from './xrootd.ts';

export interface ScratchGridOptions {
  /** Of the central server: any free one if not given. */
  readonly port?: number;
  /** A file with faults. */
  readonly faults?: string;
  /** So many milliseconds more for each round trip, to the central server and to the storage elements. */
  readonly latencyMs?: number;
}

/** A Grid to try things on, which runs until it is stopped. */
export interface ScratchGrid {
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly home: string;
  /** The address of the central server. */
  readonly central: string;
  readonly elements: readonly { readonly name: string; readonly url: string; readonly qos: readonly string[] }[];
  /** False where no XRootD is installed: the elements have names and addresses, and nobody listens there. */
  readonly hasStorage: boolean;
  /** A file that a shell reads, with the variables. */
  readonly environment: string;
  stop(): Promise<void>;
}

const marker = 'central';
const organisation = '/localhost/localdomain';
const tokenDays = 30;
/** Told by `quota`; nothing is refused for them. */
const quotas = {
  files: new Map([['jalien', { maxFiles: 100_000, maxSize: 1e12 }]]),
  jobs: new Map([['jalien', { maxJobs: 100 }]]),
};
const names = ['FIRSTSE', 'SECONDSE'];

/**
 * Starts a central server and two storage elements over a folder, which must be new, empty, or such a Grid already: then it goes on with what it held. Throws
 * `refused` for a folder with anything else in it, and `locked` where it runs already.
 */
export async function startScratchGrid(given: string, options: ScratchGridOptions = {}): Promise<ScratchGrid> {
  const folder = resolve(given);
  const isThere = existsSync(join(folder, marker));
  if (!isThere && existsSync(folder) && readdirSync(folder).length > 0) {
    throw new StowageError('refused', `'${displayName(folder)}' holds something that is no scratch system`, {
      hint: 'name a folder that is empty or not there',
    });
  }
  await refuseSecond(folder);
  const faults: readonly Fault[] = options.faults === undefined ? [] : readFaults(options.faults);
  mkdirSync(join(folder, marker), { recursive: true });
  const running: { stop(): Promise<void> }[] = [];
  let central: Central | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([central?.stop(), ...running.map((one) => one.stop())]);
  };
  /** Where a port is reached: over a long line, if there is to be one. */
  const reached = async (port: number, given?: number): Promise<number> => {
    if (options.latencyMs === undefined) return port;
    const relay = await startRelay(port, {
      delayMs: options.latencyMs / 2,
      ...(given === undefined ? {} : { port: given }),
    });
    running.push(relay);
    return relay.port;
  };
  try {
    const elements = await startElements(folder, running, reached);
    central = await startCentral({
      folder: join(folder, marker),
      state: join(folder, 'state'),
      organisation,
      elements,
      faults,
      quotas,
      ...(options.port === undefined || options.latencyMs !== undefined ? {} : { port: options.port }),
    });
    const port = await reached(central.port, options.port);
    const variables = {
      ...central.variables,
      ALIENPY_JCENTRAL_PORT: String(port),
      ...tokenFiles(folder, central),
    };
    const environment = join(folder, 'env.sh');
    const lines = Object.entries(variables).map(
      ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
    );
    writeFileSync(environment, lines.join(''));
    writeFileSync(portFile(folder), `${central.port}\n`);
    return {
      folder,
      made: !isThere,
      variables,
      home: homeOf(organisation, 'jalien'),
      central: central.url.replace(`:${central.port}/`, `:${port}/`),
      elements: elements.map(({ name, endpoint, storagePath, qos }) => ({
        name,
        url: `${endpoint}${storagePath}`,
        qos,
      })),
      hasStorage: hasXrootd(),
      environment,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portFile(folder: string): string {
  return join(folder, marker, 'port');
}

/** Two over one folder would each write the other's catalogue: whoever answers at the last port with our authority's certificate is the first. */
async function refuseSecond(folder: string): Promise<void> {
  let port: number;
  let ca: string;
  try {
    port = Number(readFileSync(portFile(folder), 'utf8'));
    ca = readFileSync(join(folder, marker, 'certificates', 'sandbox-ca.pem'), 'utf8');
  } catch {
    return;
  }
  const isServed = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
    const say = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', () => say(true));
    socket.once('error', () => say(false));
  });
  if (!isServed) return;
  throw new StowageError('locked', `the scratch Grid in '${displayName(folder)}' runs already, at port ${port}`, {
    hint: `. ${join(folder, 'env.sh')}`,
  });
}

async function startElements(
  folder: string,
  running: { stop(): Promise<void> }[],
  reached: (port: number) => Promise<number>,
): Promise<readonly Omit<StorageElement, 'number'>[]> {
  const elements: Omit<StorageElement, 'number'>[] = [];
  for (const name of names) {
    const short = name.toLowerCase();
    const place = join(folder, 'storage', short);
    let endpoint = 'root://127.0.0.1:1/';
    if (hasXrootd()) {
      mkdirSync(join(folder, 'storage'), { recursive: true });
      chmodSync(join(folder, 'storage'), 0o755);
      const server = await startXrootd(short, place);
      running.push(server);
      endpoint = server.endpoint.replace(`:${server.port}/`, `:${await reached(server.port)}/`);
    }
    const data = join(place, 'data');
    elements.push({
      name: `LOCALHOST::JTESTSITE::${name}`,
      endpoint,
      storagePath: `/${short}`,
      qos: ['disk'],
      folder: data,
    });
  }
  return elements;
}

/** A token at a place of its own, so that the user's own tokens in the temporary folder stay what they are. */
function tokenFiles(folder: string, central: Central): Readonly<Record<string, string>> {
  const { cert, key } = issueToken(central.world.authority, 'jalien', tokenDays, Date.now());
  const files = { JALIEN_TOKEN_CERT: join(folder, 'tokencert.pem'), JALIEN_TOKEN_KEY: join(folder, 'tokenkey.pem') };
  for (const [file, text] of [
    [files.JALIEN_TOKEN_CERT, cert],
    [files.JALIEN_TOKEN_KEY, key],
  ] as const) {
    // As clients leave their tokens, which nobody may write to.
    if (existsSync(file)) chmodSync(file, 0o600);
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o400);
  }
  return files;
}
