import { type Clock, systemClock } from '../model/clock.ts';
import { type Channel, channelTo, type ServerState } from './connection/channel.ts';
import { type OpenerOptions, opener } from './connection/opener.ts';
import { userAgent } from './connection/user-agent.ts';
import type { AskPassphrase } from './credentials/private-key.ts';
import { type Environment, variable } from './environment.ts';
import { type GridCommands, gridCommands } from './grid-commands.ts';
import { type RawSession, rawSession, type Sender } from './session.ts';

/** How to connect. Everything has a default; what the environment says is in `environmentVariables`. */
export interface ConnectOptions {
  /** Instead of `process.env`. */
  readonly env?: Environment;
  /** The server to connect to, and no other; in place of ALIENPY_JCENTRAL. */
  readonly host?: string;
  readonly port?: number;
  /** Believes whoever answers. For test servers; said on every connection. */
  readonly insecure?: boolean;
  /** Only the user's own certificate, though there is a token. */
  readonly userCertificate?: boolean;
  /** Asks for the passphrase of an encrypted key. Without it such a key is not used. */
  readonly askPassphrase?: AskPassphrase;
  /** Is told what a user should know: lost connections and what was found then, places that were passed over. */
  readonly tell?: (text: string) => void;
  /** Is told when the connection is lost while nothing is under way. */
  readonly onLost?: (reason: string) => void;
  /** Is shown each request and reply, secrets included. */
  readonly trace?: (direction: '>' | '<', text: string) => void;
  /** Our name and version for the server. */
  readonly agent?: string;
  readonly clock?: Clock;
}

/** A session with typed commands. */
export interface GridSession extends Omit<RawSession, 'parallel'>, GridCommands {
  /**
   * The same commands for many calls at once, each over whichever of up to `connections` connections is idle. They may overtake each other; names should be absolute.
   */
  parallel(connections: number): ParallelGrid;
  /** Takes up another certificate: the connection is closed, and the next one made with the user's own, or with the best there is. */
  useUserCertificate(only: boolean): Promise<void>;
}

/** The commands of a session that may overlap. */
export type ParallelGrid = Sender & GridCommands;

const sends = 3;

/**
 * A session with the central server that the options or the environment name. Nothing is connected before the first call, unless `connection()` is
 * called; a session that was used must be closed.
 */
export function connect(options: ConnectOptions = {}): GridSession {
  const env = environmentOf(options);
  const tell = options.tell ?? (() => undefined);
  const state: ServerState = {
    directory: undefined,
    home: undefined,
    user: undefined,
    role: undefined,
    site: variable(env, 'ALIEN_SITE'),
  };
  const openerOptions: OpenerOptions = {
    env,
    clock: options.clock ?? systemClock,
    userAgent: userAgent(env, options.agent ?? ''),
    insecure: options.insecure === true,
    askPassphrase: options.askPassphrase,
    tell,
    onLost: options.onLost,
  };
  const opening = opener(openerOptions);
  if (options.userCertificate) opening.useUserCertificate(true);
  // Further channels are for many short commands at once.
  const channel = (resumed: boolean, own: ServerState, compressed = true): Channel =>
    channelTo({
      open: (signal) => opening.open(signal, compressed),
      state: own,
      tell,
      tries: sends,
      trace: options.trace,
      resumed,
    });
  let main = channel(false, state);
  const replaceable: Channel = {
    send: (request, signal) => main.send(request, signal),
    connected: (signal) => main.connected(signal),
    isOpen: () => main.isOpen(),
    close: () => main.close(),
  };
  const raw = rawSession({
    state,
    main: replaceable,
    another: () => channel(true, { ...state }, false),
    credential: opening.credential,
  });
  return {
    ...raw,
    ...gridCommands(raw),
    parallel(connections) {
      const sender = raw.parallel(connections);
      return { ...sender, ...gridCommands(sender) };
    },
    async useUserCertificate(only) {
      const old = main;
      opening.useUserCertificate(only);
      main = channel(state.directory !== undefined, state);
      await old.close();
    },
  };
}

/** Seconds between pings, tries and the like, as the options and the environment have them. */
export function environmentOf({ env = process.env, host, port }: ConnectOptions): Environment {
  if (host === undefined) return env;
  const { ALIENPY_JCENTRAL_PORT: _, ...rest } = env;
  return {
    ...rest,
    ALIENPY_JCENTRAL: host,
    ...(port === undefined ? {} : { ALIENPY_JCENTRAL_PORT: String(port) }),
  };
}
