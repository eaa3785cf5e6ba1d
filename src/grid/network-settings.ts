import { type Environment, isOn, positive, variable } from './environment.ts';

/** How connections are made. Times in milliseconds. */
export interface NetworkSettings {
  /** 4 or 6: only these addresses; 0: all. */
  readonly family: 0 | 4 | 6;
  /** How long one address of a host is waited for before the next one is tried. */
  readonly addressMs: number;
  readonly tries: number;
  readonly triesIntervalMs: number;
  /** TCP, TLS and WebSocket together. */
  readonly openTimeoutMs: number;
  /** Between two pings; a pong must come in the same time. */
  readonly keepAliveMs: number;
}

/** The settings that the environment asks for. */
export function networkSettings(env: Environment): NetworkSettings {
  const family = familyOf(variable(env, 'ALIENPY_NETWORKSTACK'));
  const oneByOne = isOn(env, 'ALIENPY_NO_STAGGER');
  const interval = Number(variable(env, 'ALIENPY_CONNECT_TRIES_INTERVAL') ?? 0.3);
  return {
    family,
    // 250 ms is what RFC 8305 recommends. Without it each address gets a time that a slow network needs too.
    addressMs: oneByOne ? 2500 : 250,
    tries: Math.ceil(positive(env, 'ALIENPY_CONNECT_TRIES') ?? (family === 0 ? 3 : 2)),
    triesIntervalMs: Number.isFinite(interval) && interval >= 0 ? interval * 1000 : 300,
    openTimeoutMs: oneByOne ? 10_000 : 5000,
    keepAliveMs: (positive(env, 'ALIENPY_TIMEOUT') ?? 20) * 1000,
  };
}

function familyOf(stack: string | undefined): 0 | 4 | 6 {
  const digit = /^(?:ip)?v?([46])$/i.exec(stack ?? '')?.[1];
  return digit === '4' ? 4 : digit === '6' ? 6 : 0;
}
