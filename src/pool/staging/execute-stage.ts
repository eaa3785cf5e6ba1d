import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { counted } from '../counted.ts';
import { indicators, indicatorTime, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { IgnoreFailureMode } from '../peers/peer.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { calendarDay, dayPath, startsWeek } from '../week.ts';
import { merged } from './merged.ts';
import { type Outcome, onePeer, type Patience } from './one-peer.ts';
import { getLocalPeers, getRemotePeers } from './peers-of.ts';
import type { StagingPlace } from './stage-peer.ts';
import { stagingDirOf } from './staging-dirs.ts';
import { workRoot } from './work-root.ts';

export interface StageOptions extends Partial<Patience> {
  /** How many peers are staged at a time: 4 if not given. */
  readonly jobs?: number;
}

/**
 * The action stage: brings what the peers have collected into the directory of the day, which is fixed when this begins. Only whole peers get in; one
 * that is missing is an error, unless ignore_failures covers it, and is added by the next run of that day. `cback.stage` is in the day once a peer
 * is, and newer than `cback.store` where something came after it. Throws `locked` while another run stages here, and `configuration`.
 */
export async function* executeStage(run: PoolRun, options: StageOptions = {}): AsyncGenerator<PoolEvent> {
  const { configuration, files, clock, stateDir, signal } = run;
  const stagingDir = stagingDirOf(configuration);
  const today = calendarDay(clock.now());
  const day = dayPath(today);
  const isFull = run.full || startsWeek(today, configuration.options.startingDay);
  const peers = [...getLocalPeers(configuration, files), ...getRemotePeers(configuration, files)];
  if (peers.length === 0) throw new StowageError('configuration', 'the configuration names no peers to stage');
  const owner = await ownerOf(configuration.options);
  const patience: Patience = {
    ...{ silenceMs: 300_000, retries: 2, waitMs: 0 },
    pause: (ms, stop) => setTimeout(ms, undefined, stop === undefined ? {} : { signal: stop }),
    ...options,
  };

  await makeFolder(files, stateDir);
  const lock = await acquireLock(files, `${stateDir}/stage.lock`, {
    ...{ command: 'pool stage', clock },
    hint: `if that run has surely ended: rm ${displayName(`${stateDir}/stage.lock`)}`,
  });
  try {
    const work = await workRoot(files, stagingDir, day);
    const place: StagingPlace = { files, clock, stateDir, stagingDir, day, owner, work };
    const outcomes = peers.map((): Outcome => ({ complete: false, changed: false }));
    const stagings = peers.map((peer, index) => () => {
      const ignored = isIgnored(peer.ignoreFailureMode, isFull);
      return onePeer(peer, place, patience, { ignored, outcome: outcomes[index]!, ...(signal ? { signal } : {}) });
    });
    yield* merged(stagings, options.jobs ?? 4);
    const complete = outcomes.filter((one) => one.complete).length;
    if (complete > 0)
      yield* markDay(
        place,
        outcomes.some((one) => one.changed),
      );
    await work.tidy();
    const text = `${complete} of ${counted(peers.length, 'peer')} ${complete === 1 ? 'is' : 'are'} staged for ${day}`;
    yield { kind: 'pool', action: 'stage', level: 'info', deed: 'done', day, text };
  } finally {
    await lock.release();
  }
}

/** True if a peer that is not ready need alarm nobody on this day. */
function isIgnored(mode: IgnoreFailureMode | undefined, isFull: boolean): boolean {
  return mode === 'all' || (mode === 'weekly' && isFull) || (mode === 'daily' && !isFull);
}

async function* markDay(place: StagingPlace, changed: boolean): AsyncGenerator<PoolEvent> {
  const { files, owner, day } = place;
  const folder = `${place.stagingDir}/${day}`;
  if (!changed && (await indicatorTime(files, folder, indicators.stage)) !== undefined) return;
  await writeIndicator(files, folder, indicators.stage, owner);
  for (const [indicator, what] of doneBefore) {
    if ((await indicatorTime(files, folder, indicator)) === undefined) continue;
    const text = `${day} was ${what}`;
    yield { kind: 'pool', action: 'stage', level: 'warning', deed: 'told', day, text, failed: false };
  }
}

/** What may have been done with a day before more came into it. */
const doneBefore: readonly (readonly [string, string])[] = [
  [indicators.store, 'stored before this came: the next store appends it'],
  [
    indicators.encrypt,
    'encrypted before this came, which is not: remove its cback.encrypt to have all of it encrypted',
  ],
  [indicators.split, 'split before this came, which is not: remove its cback.split to have all of it split'],
  [indicators.amazons3, 'copied to S3 before this came, which is not: copy it with --full'],
];
