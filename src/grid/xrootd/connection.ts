import { userInfo } from 'node:os';
import { StowageError } from '../../errors.ts';
import { type Channel, newChannel } from './channel.ts';
import { answerBytes, type Limits } from './limits.ts';
import { timedOut } from './lost-connection.ts';
import type { Reply, Wanted } from './pending.ts';
import { proof } from './proof.ts';
import { serverFlag } from './protocol.ts';
import { bindReply, errorReply, loginReply, protocolReply } from './reply.ts';
import { authRequest, bindRequest, handshake, loginRequest, protocolRequest, type Request } from './request.ts';
import { serverError } from './server-error.ts';
import { connectSocket, encryptSocket, type TlsOptions } from './socket.ts';
import { serverOf } from './url.ts';

/** Where to connect, and as whom. */
export interface Place {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Without one, the user of this process. */
  readonly user?: string;
  /** From a redirect: to be shown at the login. */
  readonly token: string;
  /** Ways to prove who we are, in the order of our liking; undefined: as the server likes. */
  readonly wantedProofs?: readonly string[];
}

/** A connection that is logged in. */
export interface Connection extends Pick<Channel, 'call' | 'close' | 'isOpen' | 'inFlight'> {
  /** `root://host:port`. */
  readonly server: string;
  readonly isEncrypted: boolean;
  /** True if pages with checksums can be read and written. */
  readonly hasPages: boolean;
  /** True if a file that is not closed in order can be made to go. */
  readonly hasPersistOnClose: boolean;
  /**
   * Numbers of further sockets for data, so many if the server gives them: they are made when they are asked for, and for all who use this connection. Fewer, or none, where it refuses.
   */
  paths(most: number): Promise<readonly number[]>;
}

/** Connects, encrypts where the URL or the server wants it, and logs in. */
export async function openConnection(
  place: Place,
  tls: TlsOptions,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Connection> {
  const server = serverOf(place);
  const wanted = wantedOf(`cannot log in to ${server}`, signal);
  const how = { tls, limits, wanted, next: 'login' } as const;
  const { channel, isEncrypted, has, session } = await begin(place, how, (one) => logIn(one, place, wanted, server));
  const bind = async (): Promise<number> => {
    // Encrypted if the first is: what is read and written must not be less hidden than what is asked for.
    const to = { ...place, tls: place.tls || isEncrypted };
    const more = wantedOf(`cannot make one more connection to ${server}`, signal);
    const bound = await begin(to, { tls, limits, wanted: more, next: 'bind' }, async (one) =>
      bindReply(only(await one.call(bindRequest(session), more), more.what, server)),
    );
    channel.bind(bound.session, bound.channel.release());
    return bound.session;
  };
  const paths: Promise<number | undefined>[] = [];
  return {
    call: channel.call,
    close: channel.close,
    get isOpen() {
      return channel.isOpen;
    },
    get inFlight() {
      return channel.inFlight;
    },
    server,
    isEncrypted,
    hasPages: has(serverFlag.pages),
    hasPersistOnClose: has(serverFlag.persistOnClose),
    async paths(most) {
      // A server that gives no more of them, for whatever reason, is one with fewer: all of it can be done over those that there are.
      while (paths.length < Math.min(most, mostPaths)) paths.push(bind().catch(() => undefined));
      return (await Promise.all(paths.slice(0, most))).filter((one) => one !== undefined);
    },
  };
}

/** Most sockets that a session may have besides its first: servers know sixteen in all. */
const mostPaths = 15;

interface Beginning {
  readonly tls: TlsOptions;
  readonly limits: Limits;
  readonly wanted: Wanted;
  readonly next: 'login' | 'bind';
}

/** Connects, encrypts where the place or the server wants it, and does what must come next. */
async function begin<T>(
  place: Place,
  { tls, limits, wanted, next }: Beginning,
  then: (channel: Channel) => Promise<T>,
): Promise<{
  readonly channel: Channel;
  readonly isEncrypted: boolean;
  readonly has: (flag: number) => boolean;
  readonly session: T;
}> {
  const server = serverOf(place);
  const { signal } = wanted;
  const patience = { ms: limits.connectMs, ...(signal === undefined ? {} : { signal }) };
  for (let mode: 'able' | 'wanted' = place.tls ? 'wanted' : 'able'; ; mode = 'wanted') {
    const channel = newChannel(await connectSocket(place, patience), server, limits);
    // A server that listens and says nothing is none.
    const late = () => channel.close(timedOut('no login', server, limits.connectMs));
    const timer = setTimeout(late, limits.connectMs);
    try {
      const [, said] = await Promise.all([
        channel.greet(handshake, wanted).then((reply) => only(reply, wanted.what, server)),
        channel.call(protocolRequest(mode, next), wanted).then((reply) => only(reply, wanted.what, server)),
      ]);
      const { flags } = protocolReply(said);
      const has = (flag: number) => (flags & flag) !== 0;
      if (has(serverFlag.gotoTls)) {
        await channel.replace((plain) => encryptSocket(plain, place, tls, patience));
      } else if (place.tls) {
        throw new StowageError(
          'refused',
          `cannot connect to ${server}: it offers no encryption, and roots:// demands it`,
          {
            hint: 'use root:// if it may go over the network as it is',
            facts: { server, errno: 'EPROTOTYPE' },
          },
        );
      } else if (has(serverFlag.tlsLogin | serverFlag.tlsSession | serverFlag.tlsData) && mode === 'able') {
        // It wants encryption at a later step. We have it from the start, which is as good and leaves nothing in the clear.
        channel.close();
        continue;
      }
      const session = await then(channel);
      return { channel, isEncrypted: has(serverFlag.gotoTls), has, session };
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function wantedOf(what: string, signal: AbortSignal | undefined): Wanted {
  return { what, mostBytes: answerBytes, ...(signal === undefined ? {} : { signal }) };
}

/** Answers the session's id. */
async function logIn(channel: Channel, place: Place, wanted: Wanted, server: string): Promise<Uint8Array> {
  const ask = async (request: Request) => only(await channel.call(request, wanted), wanted.what, server);
  const user = place.user ?? ownName();
  const { session, security } = loginReply(await ask(loginRequest(user, process.pid, place.token)));
  if (security === '') return session;
  const { kind, credentials } = proof(security, user, place.wantedProofs, wanted.what, server);
  await ask(authRequest(kind, credentials));
  return session;
}

/** The body of a plain answer; anything else has no place while we log in. */
function only(reply: Reply, what: string, server: string): Uint8Array {
  if (reply.kind === 'ok') return reply.body;
  if (reply.kind === 'error') {
    const { number, text } = errorReply(reply.body);
    throw serverError(what, server, number, text);
  }
  throw new StowageError('unavailable', `${what}: it wants more than we can do (${reply.kind})`, {
    facts: { server, errno: 'EPROTO' },
  });
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // No name for our number: what other clients send then.
    return '????';
  }
}
