import { hintInBrackets, plainReason, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { archivesPlace, openArchives } from './archives/open-archives.ts';
import { counted } from './counted.ts';
import { poolDisc } from './discs/pool-disc.ts';
import { requireOurs } from './discs/require-ours.ts';
import { inspectPool } from './open-pool.ts';
import { notCollected, type Peer } from './peers/peer.ts';
import type { PoolEvent } from './pool-event.ts';
import type { PoolReport } from './pool-report.ts';
import { type PoolRun, poolRun } from './pool-run.ts';
import { getLocalPeers, getRemotePeers } from './staging/peers-of.ts';

/**
 * Tells everything that is wrong with a configuration; what nobody knows in it is an error here. With `contact` also whether each peer, the disc and the store can be reached. Throws
 * `configuration` if there is an error.
 */
export async function* checkPool(
  path: string,
  contact: boolean,
  given: Pick<PoolRun, 'openArchives' | 'tell' | 'signal'> = {},
): AsyncGenerator<PoolReport> {
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
  const run = poolRun(configuration, given);
  const place = configuration.store === undefined ? undefined : archivesPlace(run);
  const archives = place === undefined ? undefined : await openArchives(run, place);
  const peers = [...getLocalPeers(configuration), ...getRemotePeers(configuration)];
  yield {
    ...said,
    level: 'info',
    deed: 'valid',
    text: `[${displayName(path)}] has no errors; ${counted(peers.length, 'peer')}.`,
  };
  if (!contact) return;
  for (const peer of peers) yield await contacted(said, peer);
  const disc = configuration.store?.disc;
  if (disc !== undefined) yield await lookedAt(said, disc.targetDevice, () => lookAtDisc(run, disc.checkMedia));
  if (archives !== undefined) {
    yield await lookedAt(said, archives.location, () => archives.look().finally(archives.close));
  }
}

type Said = { readonly kind: 'pool'; readonly action: 'check' };

/** Whether a day could be written there; nothing is. */
async function lookAtDisc(run: PoolRun, checkMedia: boolean): Promise<void> {
  const disc = await poolDisc(run);
  await disc.writer.retrieveCapacity(run.signal && { signal: run.signal });
  if (checkMedia) await requireOurs(run, disc);
}

async function lookedAt(said: Said, place: string, look: () => Promise<void>): Promise<PoolEvent> {
  const name = `[${displayName(place)}]`;
  try {
    await look();
    return { ...said, level: 'info', deed: 'valid', text: `${name} is there.` };
  } catch (error) {
    const reason = plainReason(error);
    const text = `${name} cannot be used: ${reason}${hintInBrackets(error)}.`;
    return { ...said, level: 'error', deed: 'unreachable', text, reason };
  }
}

async function contacted(said: Said, peer: Peer): Promise<PoolEvent> {
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
  const { reason, error } = readiness;
  // The message names the peer once more.
  const why = typeof error.facts.why === 'string' ? error.facts.why : reason;
  return {
    ...about,
    level: 'error',
    deed: 'unreachable',
    text: `[${peer.name}] cannot be reached: ${why}${hintInBrackets(error)}.`,
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
