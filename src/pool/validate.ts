import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { plainReason } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { accountOf, groupIdOf } from '../programs/account.ts';
import { archivesPlace, openArchives } from './archives/open-archives.ts';
import type { PeerSettings } from './configuration/pool-configuration.ts';
import { createWriter } from './discs/pool-disc.ts';
import type { PoolEvent } from './pool-event.ts';
import type { PoolRun } from './pool-run.ts';

const { R_OK, W_OK, X_OK } = constants;

/**
 * Looks whether this machine is as the configuration needs it: directories that can be read or written, the backup user and group, the disc or store. Everything that is
 * wrong is told, and fails the run. Peers that are reached by ssh are not contacted.
 */
export async function* executeValidate(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { configuration } = run;
  const { options, collect, stage, store, purge, reference } = configuration;
  const wrong: string[] = [];
  const look = async (what: string, path: string, mode: number): Promise<void> => {
    try {
      if (!(await stat(fsPath(path))).isDirectory()) throw new Error('it is not a directory');
      await access(fsPath(path), mode);
    } catch (error) {
      wrong.push(`${what} [${displayName(path)}]: ${plainReason(error)}.`);
    }
  };
  const ask = async (question: Promise<unknown>): Promise<void> => {
    await question.catch((error) => wrong.push(`${plainReason(error)}.`));
  };

  if (reference === undefined) wrong.push('There is no section reference.');
  await look('The working directory', options.workingDir, R_OK | W_OK | X_OK);
  await ask(accountOf(options.backupUser));
  await ask(groupIdOf(options.backupGroup));
  if (collect !== undefined) {
    await look('The collect directory', collect.collectDir, W_OK | X_OK);
    for (const { path } of collect.dirs) await look('The directory to collect', path, R_OK | X_OK);
    for (const { path } of collect.files) {
      await access(fsPath(path), R_OK).catch((error) =>
        wrong.push(`The file to collect [${displayName(path)}]: ${plainReason(error)}.`),
      );
    }
  }
  if (stage !== undefined) {
    await look('The staging directory', stage.stagingDir, W_OK | X_OK);
    for (const peer of localPeers([...(configuration.peers?.peers ?? []), ...stage.peers])) {
      await look(`The collect directory of the peer ${peer.name}`, peer.collectDir, R_OK | X_OK);
    }
  }
  if (store !== undefined) {
    await look('The directory to store', store.sourceDir, R_OK | X_OK);
    if (store.disc !== undefined) await ask(createWriter(configuration));
    const place = archivesPlace(run);
    if (place !== undefined)
      await ask(openArchives(run, place).then((archives) => archives.look().finally(archives.close)));
  }
  for (const { path } of purge?.dirs ?? []) await look('The directory to purge', path, W_OK | X_OK);

  const said = { kind: 'pool', action: 'validate' } as const;
  for (const text of wrong) yield { ...said, level: 'error', deed: 'invalid', text };
  if (wrong.length === 0) yield { ...said, level: 'info', deed: 'valid', text: 'Configuration is valid.' };
  else yield { ...said, level: 'error', deed: 'invalid', text: 'Configuration is not valid.' };
}

function localPeers(peers: readonly PeerSettings[]): readonly PeerSettings[] {
  const locals = peers.filter((peer) => peer.type === 'local');
  return locals.filter((peer, index) => locals.findIndex((other) => other.collectDir === peer.collectDir) === index);
}
