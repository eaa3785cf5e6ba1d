import { mkdirSync, writeFileSync } from 'node:fs';
import type { FileOperations } from '../src/durable/file-operations.ts';
import { realFiles } from '../src/durable/real-files.ts';
import { readPoolConfiguration } from '../src/pool/configuration/read-pool-configuration.ts';
import type { PoolEvent } from '../src/pool/pool-event.ts';
import type { PoolRun } from '../src/pool/pool-run.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A peer of a test's pool. */
export interface TestPeer {
  readonly name: string;
  /** Absent: local. */
  readonly remote?: { readonly rcpCommand: string; readonly rshCommand: string };
  readonly ignoreFailures?: string;
  /** Where it collects; a folder of its own if not given. */
  readonly collectDir?: string;
}

/** A pool in a folder of its own, for the running test. */
export interface SmallPool {
  readonly folder: string;
  readonly stagingDir: string;
  readonly stateDir: string;
  /** The directory of the day that the clock says: 2026-11-18. */
  readonly day: string;
  readonly xml: string;
  collectDir(peer: string): string;
  run(more?: Partial<PoolRun>): PoolRun;
}

const user = process.env.USER ?? 'root';

/** Makes a pool with these peers, whose collect directories are there and empty. The user and group are those of the process. */
export async function smallPool(
  peers: readonly TestPeer[],
  options: { readonly files?: FileOperations } = {},
): Promise<SmallPool> {
  const folder = await scratchFolder();
  const collectDir = (peer: string) =>
    peers.find(({ name }) => name === peer)?.collectDir ?? `${folder}/collect-${peer}`;
  for (const made of ['work', 'stage']) mkdirSync(`${folder}/${made}`);
  for (const { name } of peers) mkdirSync(collectDir(name), { recursive: true });
  const peerXml = peers.map(
    ({ name, remote, ignoreFailures }) => `<peer><name>${name}</name><type>${remote ? 'remote' : 'local'}</type>
      <collect_dir>${collectDir(name)}</collect_dir>${ignoreFailures ? `<ignore_failures>${ignoreFailures}</ignore_failures>` : ''}
      ${remote ? `<rcp_command>${remote.rcpCommand}</rcp_command><rsh_command>${remote.rshCommand}</rsh_command>` : ''}</peer>`,
  );
  const xml = `<?xml version="1.0"?><cb_config><options><starting_day>monday</starting_day><working_dir>${folder}/work</working_dir>
    <backup_user>${user}</backup_user><backup_group>${user}</backup_group><rcp_command>/usr/bin/scp -B</rcp_command></options>
    <stage><staging_dir>${folder}/stage</staging_dir>${peerXml.join('')}</stage></cb_config>`;
  writeFileSync(`${folder}/cback3.conf`, xml);
  const { configuration, problems } = readPoolConfiguration(Buffer.from(xml), 'cback3.conf');
  if (configuration === undefined) throw new Error(JSON.stringify(problems));
  const stateDir = `${folder}/state`;
  return {
    ...{ folder, xml, collectDir, stateDir },
    stagingDir: `${folder}/stage`,
    day: `${folder}/stage/2026/11/18`,
    run: (more = {}) => ({
      ...{ configuration, full: false, stateDir, files: options.files ?? realFiles },
      clock: { now: () => new Date(2026, 10, 18, 12) },
      ...more,
    }),
  };
}

/** Puts files into a collect directory, and says that it is ready. */
export function collect(folder: string, contents: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(contents)) writeFileSync(`${folder}/${name}`, content);
  writeFileSync(`${folder}/cback.collect`, '');
}

/** All that an action says. */
export async function said(events: AsyncIterable<PoolEvent>): Promise<PoolEvent[]> {
  const all: PoolEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
