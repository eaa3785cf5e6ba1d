import { readFileSync, statSync } from 'node:fs';
import { type Environment, positive, variable } from '../environment.ts';
import { placesOf } from '../places.ts';

/** A server that may be connected to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Who must answer: the host of this name, or, for an agent of ours on this machine, a certificate with our own name. */
  readonly identity: 'host' | 'own';
}

/** The central server of ALICE. */
export const defaultEndpoint: Endpoint = { host: 'alice-jcentral.cern.ch', port: 8097, identity: 'host' };

/** The servers to try, in order. One that ALIENPY_JCENTRAL names is the only one. */
export function endpointsOf(env: Environment): readonly Endpoint[] {
  const central = variable(env, 'ALIENPY_JCENTRAL');
  if (central !== undefined) {
    return [
      { ...defaultEndpoint, host: central, port: positive(env, 'ALIENPY_JCENTRAL_PORT') ?? defaultEndpoint.port },
    ];
  }
  const host = variable(env, 'JALIEN_HOST');
  const port = positive(env, 'JALIEN_WSPORT');
  const named = host !== undefined && port !== undefined ? [agentAt(host, port)] : [];
  return [...named, ...writtenAgent(placesOf(env).agent), defaultEndpoint];
}

/** The text of an endpoint, for messages and URLs. */
export function authorityOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** True for a name or address that cannot leave this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function agentAt(host: string, port: number): Endpoint {
  return { host, port, identity: isLoopback(host) ? 'own' : 'host' };
}

/** The agent that told its port in its file, if it is a process of ours that lives. */
function writtenAgent(path: string): readonly Endpoint[] {
  let text: string;
  try {
    if (!isOwn(path)) return [];
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const values = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0]!.trim(), valueAfterSign(line)] as const),
  );
  const pid = Number(values.get('JALIEN_PID'));
  const port = Number(values.get('JALIEN_WSPORT'));
  const host = values.get('JALIEN_HOST');
  const usable = host && Number.isInteger(port) && port > 0 && Number.isInteger(pid) && pid > 0 && isOwnProcess(pid);
  return usable ? [agentAt(host, port)] : [];
}

function valueAfterSign(line: string): string {
  return line
    .slice(line.indexOf('=') + 1)
    .trim()
    .replace(/^"(.*)"$/, '$1');
}

function isOwn(path: string): boolean {
  return statSync(path).uid === process.getuid?.();
}

function isOwnProcess(pid: number): boolean {
  try {
    return isOwn(`/proc/${pid}`);
  } catch {
    return false;
  }
}
