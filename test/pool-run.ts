import type { PoolConfiguration } from '../src/pool/configuration/pool-configuration.ts';
import { readPoolConfiguration } from '../src/pool/configuration/read-pool-configuration.ts';
import type { PoolEvent } from '../src/pool/pool-event.ts';
import { type PoolRun, poolRun } from '../src/pool/pool-run.ts';

/** A Wednesday in a week that begins on Monday. */
export const wednesday = new Date(2026, 10, 18, 12);

/** The configuration of these sections below a folder, which must not have an XML character in its name. */
export function poolConfiguration(root: string, sections: string, options = ''): PoolConfiguration {
  const text = `<cb_config><options><starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B</rcp_command>${options}</options>${sections}</cb_config>`;
  const { configuration, problems } = readPoolConfiguration(
    Buffer.from(text.replaceAll('@ROOT@', root)),
    'cback3.conf',
  );
  if (configuration === undefined) throw new Error(JSON.stringify(problems));
  return configuration;
}

/** A run of an action, on that Wednesday if nothing else is said. */
export function runOf(configuration: PoolConfiguration, changes: Partial<PoolRun> & { now?: Date } = {}): PoolRun {
  const { now = wednesday, ...rest } = changes;
  return poolRun(configuration, { clock: { now: () => now }, ...rest });
}

/** All that an action says. */
export async function eventsOf(events: AsyncIterable<PoolEvent>): Promise<readonly PoolEvent[]> {
  const all: PoolEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
