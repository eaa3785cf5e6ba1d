import { isStowageError, plainReason } from '../../errors.ts';
import type { PoolConfiguration, RemotePeerSettings } from '../configuration/pool-configuration.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { remotePeerOf } from '../staging/peers-of.ts';

/** Has the managed peers that know this action do it, one after the other. One that does not do it fails the run; the others do it all the same. */
export async function* runManaged(run: PoolRun, action: string): AsyncGenerator<PoolEvent> {
  for (const settings of managedPeers(run.configuration, action)) {
    const said = { kind: 'pool', action, peer: settings.name } as const;
    yield { ...said, level: 'debug', deed: 'begun', text: `Having [${settings.name}] do [${action}].` };
    try {
      const peer = remotePeerOf(run.configuration, settings, run.files);
      const output = await peer.executeManagedAction(action, run.full, run.signal ? { signal: run.signal } : {});
      if (output !== '') yield { ...said, level: 'debug', deed: 'output', text: output };
      yield { ...said, level: 'info', deed: 'done', text: `The managed peer [${settings.name}] did [${action}].` };
    } catch (error) {
      if (isStowageError(error, 'interrupted')) throw error;
      const reason = plainReason(error);
      const text = `Failed to execute action [${action}] on managed client [${settings.name}]: ${reason}.`;
      yield { ...said, level: 'error', deed: 'peer-failed', text, reason };
    }
  }
}

/** The managed peers of the section peers that know an action. */
export function managedPeers({ peers, options }: PoolConfiguration, action: string): readonly RemotePeerSettings[] {
  return (peers?.peers ?? []).flatMap((peer) => {
    if (peer.type !== 'remote' || !peer.managed) return [];
    return (peer.managedActions ?? options.managedActions).includes(action) ? [peer] : [];
  });
}
