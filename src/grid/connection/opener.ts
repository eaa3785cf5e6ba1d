import { setTimeout as pause } from 'node:timers/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { isStowageError, StowageError } from '../../errors.ts';
import type { Clock } from '../../model/clock.ts';
import { findAuthorities } from '../credentials/authorities.ts';
import { whyNotNow } from '../credentials/certificate.ts';
import { type Credential, findCredential } from '../credentials/credential.ts';
import { type LikelyAuthorities, likelyAuthorities } from '../credentials/likely-authorities.ts';
import type { AskPassphrase } from '../credentials/private-key.ts';
import type { Environment } from '../environment.ts';
import { type NetworkSettings, networkSettings } from '../network-settings.ts';
import { type Connection, openConnection } from './connection.ts';
import { authorityOf, type Endpoint, endpointsOf } from './endpoints.ts';
import { identityCheck, isDistrust, isUnverified, withPart } from './trust.ts';

export interface OpenerOptions {
  readonly env: Environment;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly insecure: boolean;
  readonly askPassphrase?: AskPassphrase | undefined;
  tell(text: string): void;
  readonly onLost?: ((reason: string) => void) | undefined;
}

/** Opens connections, to whichever server there is, with the credentials of the moment. */
export interface Opener {
  /** `compressed` lets the server compress its replies. */
  open(signal?: AbortSignal, compressed?: boolean): Promise<Connection>;
  /** What the last connection was opened with. */
  credential(): Credential | undefined;
  /** From now on only the user's own certificate, or again whatever is best, which is looked for anew. */
  useUserCertificate(only: boolean): void;
}

const agentTimeoutMs = 2000;

type Settings = NetworkSettings & { readonly compressed: boolean };

/** What a connection is opened with. */
interface Held {
  readonly credential: Credential;
  readonly context: SecureContext;
  /** Where the authorities are from. */
  readonly authorities: string;
  /** Of all authorities those that the context has, if it has not all. Where they are not enough, it is made anew. */
  readonly part: LikelyAuthorities | undefined;
  readonly pems: readonly string[];
}

/** An opener for this environment. Credentials are kept, and so a passphrase asked for once, until they are no longer valid. */
export function opener(options: OpenerOptions): Opener {
  const network = networkSettings(options.env);
  let held: Held | undefined;
  let userOnly = false;

  async function identity() {
    if (held !== undefined && whyNotNow(held.credential, options.clock.now()) === undefined) return held;
    const { askPassphrase, insecure } = options;
    const credential = await findCredential({
      env: options.env,
      now: options.clock.now(),
      userOnly,
      ...(askPassphrase === undefined ? {} : { askPassphrase }),
    });
    const nobody = { from: '', pems: [], ofServers: undefined, complaints: [] };
    const { pems, from, complaints, ofServers } = insecure ? nobody : findAuthorities(options.env);
    for (const complaint of complaints) options.tell(`${complaint}; ${from} is used`);
    const part = likelyAuthorities(pems, { own: credential.certificate, ofServers });
    const context = contextOf(credential, part?.pems ?? pems);
    held = { credential, context, part, pems, authorities: from };
    return held;
  }

  async function openAt(endpoint: Endpoint, settings: Settings, signal?: AbortSignal): Promise<Connection> {
    const used = await identity();
    if (options.insecure) {
      options.tell(
        `--insecure: whoever answers at ${authorityOf(endpoint)} is believed; use this for test servers only`,
      );
    }
    try {
      return await openWith(used, endpoint, settings, signal);
    } catch (error) {
      if (used.part === undefined || !isUnverified(error)) throw error;
      const withAll = { ...used, context: contextOf(used.credential, used.pems), part: undefined };
      if (held === used) held = withAll;
      return openWith(withAll, endpoint, settings, signal);
    }
  }

  function openWith(
    { credential, context, authorities, part }: Held,
    endpoint: Endpoint,
    settings: Settings,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const check = identityCheck(endpoint, credential);
    return openConnection(endpoint, {
      ...settings,
      context,
      authorities,
      identity: options.insecure ? undefined : part === undefined ? check : withPart(check, part),
      userAgent: options.userAgent,
      signal,
      ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
    });
  }

  /** Each server in its turn. An agent that does not answer, or is not ours, is told of and passed over. */
  async function openAny(settings: Settings, signal?: AbortSignal): Promise<Connection> {
    const endpoints = endpointsOf(options.env);
    for (const endpoint of endpoints.slice(0, -1)) {
      try {
        const openTimeoutMs = Math.min(settings.openTimeoutMs, agentTimeoutMs);
        return await openAt(endpoint, { ...settings, openTimeoutMs }, signal);
      } catch (error) {
        if (!isStowageError(error, 'unavailable', 'refused')) throw error;
        options.tell(`${error.message}; trying the next server`);
      }
    }
    return openAt(endpoints.at(-1)!, settings, signal);
  }

  return {
    credential: () => held?.credential,
    useUserCertificate(only) {
      userOnly = only;
      // Whoever gave a passphrase already is not asked again.
      if (!only || held?.credential.kind !== 'user') held = undefined;
    },
    async open(signal, compressed = true) {
      for (let tried = 1; ; tried += 1) {
        // Where a network promises IPv6 and does not deliver it, the third try is without.
        const family = network.family === 0 && tried > 2 ? 4 : network.family;
        try {
          return await openAny({ ...network, family, compressed }, signal);
        } catch (error) {
          if (!isStowageError(error, 'unavailable') || isDistrust(error)) throw error;
          if (tried >= network.tries) throw tried === 1 ? error : triedOften(error, tried);
        }
        await pause(network.triesIntervalMs, undefined, signal === undefined ? {} : { signal }).catch((cause) => {
          throw new StowageError('interrupted', 'interrupted', { cause });
        });
      }
    },
  };
}

function contextOf({ certificate: cert, key }: Credential, pems: readonly string[]): SecureContext {
  return createSecureContext({ cert, key, ca: [...pems] });
}

function triedOften(error: StowageError, tries: number): StowageError {
  return new StowageError('unavailable', `${error.message} (${tries} tries)`, {
    hint: error.hint ?? 'is the network there, and is the name of the server right? See ALIENPY_JCENTRAL',
    facts: error.facts,
    cause: error,
  });
}
