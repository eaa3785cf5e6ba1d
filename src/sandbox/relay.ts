import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { StowageError } from '../errors.ts';

/** What a line does to what goes over it. */
export interface LineOptions {
  /** How long a byte is on its way, in milliseconds: a round trip takes twice as long, and a connection one round trip more to begin. */
  readonly delayMs?: number;
  /** Where it listens: any free port if nothing is said. */
  readonly port?: number;
  /** Harm to each connection. */
  readonly harm?: LineHarm;
}

/** Harm that comes when so many bytes have gone over a connection in one direction since the harm was set. */
export interface LineHarm {
  /** `up` is to the server. */
  readonly direction: 'up' | 'down';
  /** So many pass; what comes behind them does not. */
  readonly bytes: number;
  /** The connection is cut, or falls silent in both directions and stays; or what comes behind them waits until other harm is set, or none. */
  readonly do: 'cut' | 'stall' | 'hold';
  /** Only so many connections, the first ones that come so far; all if nothing is said. */
  readonly times?: number;
}

/** A port of this machine that leads to another, over a line that is long or bad. */
export interface Relay {
  readonly port: number;
  /** How many connections came, and how many there are. */
  readonly connections: { readonly made: number; readonly open: number };
  /** By connection, in the order in which they came: how many bytes went to the server, and came from it. */
  readonly passed: readonly { readonly up: number; readonly down: number }[];
  /** From now on, for connections that are there too; the delay stays what it was. */
  setHarm(harm: LineHarm | undefined): void;
  /** Cuts all connections, without a word. */
  cutAll(): void;
  stop(): Promise<void>;
}

/** Most bytes on their way over one line in one direction: more would let memory grow where a reader is slow. */
const mostUnderWay = 64 << 20;

/** Listens on a port of this machine and hands on to another, until it is stopped. */
export async function startRelay(port: number, options: LineOptions = {}): Promise<Relay> {
  const { delayMs = 0 } = options;
  const sockets = new Set<Socket>();
  let harm = options.harm;
  let harmed = 0;
  const passed: { up: number; down: number }[] = [];
  /** How many bytes had gone over each connection when the harm was set. */
  let before: readonly Readonly<Record<LineHarm['direction'], number>>[] = [];
  const freed = new Set<() => void>();

  function join(client: Socket): void {
    const count = { up: 0, down: 0 };
    const place = passed.push(count) - 1;
    const server = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const ends = [client, server];
    let isSilent = false;
    const cut = (): void => {
      for (const one of ends) one.destroy();
    };
    const comeTo = (what: LineHarm): void => {
      harmed += 1;
      if (what.do === 'cut') cut();
      else isSilent = true;
    };
    const since = (direction: LineHarm['direction']): number => count[direction] - (before[place]?.[direction] ?? 0);
    function carry(from: Socket, to: Socket, direction: LineHarm['direction'], firstMs: number): void {
      let underWay = 0;
      const began = performance.now();
      // What is said before the connection would be there waits for it.
      const later = (deed: () => void): void => {
        const left = began + firstMs - performance.now();
        if (delayMs === 0) deed();
        else setTimeout(deed, delayMs + Math.max(0, Math.ceil(left)));
      };
      const pass = (part: Buffer, then?: () => void): void => {
        underWay += part.length;
        if (underWay > mostUnderWay) from.pause();
        later(() => {
          to.write(part, () => {
            underWay -= part.length;
            if (underWay <= mostUnderWay) from.resume();
          });
          then?.();
        });
      };
      /** What is held back, while something is. */
      let held: Buffer[] | undefined;
      const hold = (rest: Buffer): void => {
        harmed += 1;
        held = [rest];
        freed.add(() => {
          for (const part of held!) pass(part);
          held = undefined;
        });
      };
      from.on('data', (piece: Buffer) => {
        if (isSilent) return;
        const isDue = harm?.direction === direction && harmed < (harm.times ?? Number.POSITIVE_INFINITY);
        const room = isDue ? Math.max(0, harm!.bytes - since(direction)) : piece.length;
        count[direction] += piece.length;
        if (held !== undefined) {
          held.push(piece);
          return;
        }
        const part = piece.subarray(0, room);
        const isHarmed = part.length < piece.length;
        if (!isHarmed) return pass(part);
        if (harm!.do !== 'hold') return pass(part, () => harm !== undefined && comeTo(harm));
        pass(part);
        hold(piece.subarray(room));
      });
      from.on('end', () => {
        const end = (): void => later(() => to.end());
        if (held === undefined) end();
        else freed.add(end);
      });
    }
    for (const one of ends) {
      sockets.add(one);
      one.on('error', cut).on('close', () => {
        sockets.delete(one);
        cut();
      });
    }
    carry(client, server, 'up', 2 * delayMs);
    carry(server, client, 'down', 0);
  }

  const listening = createServer({ noDelay: true, allowHalfOpen: true }, join);
  await new Promise<void>((resolve, reject) => {
    listening.once('error', (cause) =>
      reject(
        new StowageError('unavailable', `port ${options.port ?? 0} of localhost cannot be listened on`, { cause }),
      ),
    );
    listening.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const cutAll = (): void => {
    for (const one of sockets) one.destroy();
  };
  return {
    port: (listening.address() as AddressInfo).port,
    get connections() {
      return { made: passed.length, open: Math.ceil(sockets.size / 2) };
    },
    passed,
    setHarm(next) {
      harm = next;
      harmed = 0;
      before = passed.map((one) => ({ ...one }));
      for (const free of freed) free();
      freed.clear();
    },
    cutAll,
    async stop() {
      const closed = new Promise((resolve) => listening.close(resolve));
      cutAll();
      await closed;
    },
  };
}
