import { readdir, stat } from 'node:fs/promises';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { isTemporaryName } from '../../durable/temporary-name.ts';
import { fileError, isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { indicators, removeIndicator, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { collectItems } from './collect-items.ts';
import { hasReceipt, rememberCollected } from './collected-list.ts';
import { withoutSlash } from './exclusions.ts';
import { forgetPending, sealPending, settleSealed } from './memory.ts';

/**
 * Collects what the configuration says into its collect directory, and at last writes `cback.collect` there. If anything that was to be collected
 * could not be, there is no indicator, and none from an earlier day: nobody stages half a day. A single file that could not be read fails the
 * run, but the rest is there to be staged. Throws `configuration` if there is nothing to collect, `locked` if another run is at it.
 */
export async function* executeCollect(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = run.configuration.collect;
  if (section === undefined) throw new StowageError('configuration', 'there is no section collect');
  const { files } = run;
  const collectDir = withoutSlash(section.collectDir);
  await requireFolder(collectDir);
  const state = `${run.stateDir}/collect`;
  await makeFolder(files, state);
  const lock = await acquireLock(files, `${state}/lock`, {
    ...{ command: 'pool collect', clock: run.clock },
    hint: `if that run has surely ended: rm ${displayName(`${state}/lock`)}`,
  });
  try {
    const owner = await ownerOf(run.configuration.options);
    const items = await collectItems(run, section, owner);
    if (section.requireReceipt && (await hasReceipt(run, collectDir)) === false) {
      const text = 'No receipt says that what was collected last is stored: it is collected again.';
      yield { kind: 'pool', action: 'collect', level: 'warning', deed: 'told', text, failed: false };
    }
    // What is known to be safe must be remembered before the proof of it goes.
    await settleSealed(run, collectDir);
    await forgetPending(run);
    // That it was staged goes too: a clock that was ahead must not make it true of what comes now.
    for (const name of [indicators.collect, indicators.stage, indicators.stored]) {
      await removeIndicator(files, collectDir, name);
    }
    for (const folder of [collectDir, state]) await removeTemporaries(run, folder);
    if (section.files.length + section.dirs.length === 0) {
      throw new StowageError(
        'configuration',
        'there is nothing to collect: the section collect has no file and no dir',
      );
    }
    let failed = false;
    for (const item of [...section.files, ...section.dirs]) {
      try {
        yield* items.collect(item);
      } catch (error) {
        if (isStowageError(error, 'interrupted', 'full')) throw error;
        failed = true;
        const reason = plainReason(error);
        const text = `Error collecting [${displayName(item.path)}]: ${reason}.`;
        yield { kind: 'pool', action: 'collect', level: 'error', deed: 'failed', text, path: item.path, reason };
      }
    }
    await items.rememberWeeks();
    if (failed) return;
    if (section.requireReceipt) await rememberCollected(run, collectDir);
    await sealPending(run);
    await writeIndicator(files, collectDir, indicators.collect, owner);
  } finally {
    await lock.release();
  }
}

async function requireFolder(path: string): Promise<void> {
  try {
    if ((await stat(fsPath(path))).isDirectory()) return;
  } catch (error) {
    throw fileError(`cannot collect into '${displayName(path)}'`, error, `mkdir '${displayName(path)}'`);
  }
  throw new StowageError('configuration', `cannot collect into '${displayName(path)}': it is not a directory`);
}

/** What a killed run was writing; we hold the lock. */
async function removeTemporaries(run: PoolRun, folder: string): Promise<void> {
  for (const bytes of await readdir(fsPath(folder), 'buffer')) {
    const name = nameFromBytes(bytes);
    if (isTemporaryName(name)) await run.files.unlink(`${folder}/${name}`);
  }
}
