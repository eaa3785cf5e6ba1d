import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { counted } from './counted.ts';
import { inspectPool } from './open-pool.ts';
import { notCollected, type Peer } from './peers/peer.ts';
import type { PoolEvent } from './pool-event.ts';
import type { PoolReport } from './pool-report.ts';
import { getLocalPeers, getRemotePeers } from './staging/peers-of.ts';

/**
 * Tells everything that is wrong with a configuration; what nobody knows in it is an error here. With `contact` also whether each peer can be reached. Throws
 * `configuration` if there is an error.
 */
export async function* checkPool(path: string, contact: boolean): AsyncGenerator<PoolReport> {
  const { configuration, problems } = await inspectPool(path, { unknown: 'error' });
  for (const problem of problems) yield { kind: 'problem', problem };
  if (configuration === undefined) {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    throw new StowageError(
      'configuration',
      `'${displayName(path)}' has ${errors} ${errors === 1 ? 'error' : 'errors'}`,
    );
  }
  const said = { kind: 'pool', action: 'check' } as const;
  const peers = [...getLocalPeers(configuration), ...getRemotePeers(configuration)];
  yield {
    ...said,
    level: 'info',
    deed: 'valid',
    text: `[${displayName(path)}] has no errors; ${counted(peers.length, 'peer')}.`,
  };
  if (!contact) return;
  for (const peer of peers) yield await contacted(said, peer);
}

async function contacted(said: { readonly kind: 'pool'; readonly action: 'check' }, peer: Peer): Promise<PoolEvent> {
  const about = { ...said, peer: peer.name };
  const readiness = await peer.readiness();
  if (readiness.state === 'ready')
    return { ...about, level: 'info', deed: 'valid', text: `[${peer.name}] is ready to be staged.` };
  if (readiness.state === 'not-ready') {
    // That nothing is collected is nothing wrong; that nothing could be is.
    const { reason } = readiness;
    const level = reason === notCollected ? 'info' : 'error';
    return { ...about, level, deed: 'not-ready', reason, text: `[${peer.name}] is there, but ${reason}.` };
  }
  const { reason } = readiness;
  return {
    ...about,
    level: 'error',
    deed: 'unreachable',
    text: `[${peer.name}] cannot be reached: ${reason}.`,
    reason,
  };
}

/** Gives a configuration as JSON. What is wrong with it is told; what nobody knows is left out. Throws `configuration` if there is an error. */
export async function* importPool(path: string): AsyncGenerator<PoolReport> {
  const { data, problems } = await inspectPool(path);
  for (const problem of problems) yield { kind: 'problem', problem };
  if (data === undefined) throw new StowageError('configuration', `'${displayName(path)}' cannot be used`);
  yield { kind: 'pool', action: 'import', level: 'info', deed: 'asked', text: JSON.stringify(data, null, 2) };
}
