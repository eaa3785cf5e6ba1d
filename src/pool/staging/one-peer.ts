import { hintInBrackets, isStowageError, plainReason } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { baseOf } from '../../model/relative-path.ts';
import { counted } from '../counted.ts';
import type { Peer, PeerSession, Readiness } from '../peers/peer.ts';
import type { PoolEvent } from '../pool-event.ts';
import { type StagingPlace, stagePeer } from './stage-peer.ts';

/** How patient we are with a peer. */
export interface Patience {
  /** How long the peer may say nothing when it should. */
  readonly silenceMs: number;
  /** How often a staging that broke off is begun again; what has come is kept. */
  readonly retries: number;
  /** How long a peer that is not ready is waited for, in all. */
  readonly waitMs: number;
  /** Waits. An argument, so that tests need not. */
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** How often one that is not ready is asked. */
const askAgainMs = 30_000;
const firstRetryMs = 5_000;

/** What came of it, for the day. */
export interface Outcome {
  /** True if the peer is in the day, whole. */
  complete: boolean;
  /** True if the day holds more now than before. */
  changed: boolean;
}

/** Stages one peer and says so; `ignored` says that nobody need be alarmed if it is not ready. What goes wrong is told, not thrown, but for an interruption. */
export async function* onePeer(
  peer: Peer,
  place: StagingPlace,
  patience: Patience,
  options: { readonly ignored: boolean; readonly signal?: AbortSignal; readonly outcome: Outcome },
): AsyncGenerator<PoolEvent> {
  const { ignored, signal, outcome } = options;
  const name = displayName(peer.name);
  const about = { kind: 'pool', action: 'stage', peer: peer.name, day: place.day } as const;
  yield { ...about, level: 'info', deed: 'begun', text: `staging peer '${name}'` };
  let waitedMs = 0;
  for (let tries = 0; ; ) {
    let session: PeerSession | undefined;
    try {
      const found = await readyPeer(peer, patience, signal);
      session = found.session;
      if (found.readiness.state !== 'ready') {
        const { state, reason } = found.readiness;
        if (waitedMs < patience.waitMs) {
          if (waitedMs === 0) {
            yield { ...about, level: 'info', deed: 'told', reason, text: `peer '${name}' is waited for: ${reason}` };
          }
          await session?.close();
          session = undefined;
          const ms = Math.min(askAgainMs, patience.waitMs - waitedMs);
          await patience.pause(ms, signal);
          waitedMs += ms;
          continue;
        }
        const deed = state === 'unreachable' ? 'unreachable' : 'not-ready';
        const told = state === 'unreachable' ? reason : `peer '${name}' is not ready to be staged: ${reason}`;
        const text = ignored ? `${told} (ignore_failures covers it)` : told;
        yield { ...about, level: ignored ? 'info' : 'error', deed, reason, text, failed: !ignored };
        return;
      }
      const staged = await stagePeer(session!, peer, place);
      outcome.complete = true;
      outcome.changed = staged.fresh > 0;
      for (const path of staged.gone) {
        const text = `'${displayName(path)}' has gone from peer '${name}'; what was staged of it is kept`;
        yield { ...about, level: 'warning', deed: 'gone', path, text, failed: false };
      }
      for (const [path, as] of staged.kept) {
        const text = `'${displayName(path)}' of peer '${name}' is another one than was staged today; that one is kept as '${displayName(baseOf(as))}'`;
        yield { ...about, level: 'info', deed: 'kept', path: as, text };
      }
      const { files, bytes, fresh } = staged;
      const news = fresh === 0 ? ', none of them new' : '';
      yield {
        ...about,
        level: 'info',
        deed: 'staged',
        files,
        bytes,
        text: `staged ${counted(files, 'file')} of peer '${name}'${news}`,
      };
      await session!.writeStageIndicator();
      return;
    } catch (error) {
      if (signal?.aborted || isStowageError(error, 'interrupted')) throw error;
      tries += 1;
      const reason = plainReason(error);
      if (!mayPass(error) || tries > patience.retries) {
        const what = outcome.complete ? `peer '${name}' is staged, but was not told so` : `cannot stage peer '${name}'`;
        yield {
          ...about,
          level: 'error',
          deed: 'peer-failed',
          reason,
          text: `${what}: ${reason}${hintInBrackets(error)}`,
        };
        return;
      }
      yield {
        ...about,
        level: 'warning',
        deed: 'told',
        reason,
        text: `peer '${name}' is tried again: ${reason}`,
        failed: false,
      };
      await patience.pause(firstRetryMs * 2 ** (tries - 1), signal);
    } finally {
      await session?.close().catch(() => undefined);
    }
  }
}

async function readyPeer(
  peer: Peer,
  { silenceMs }: Patience,
  signal: AbortSignal | undefined,
): Promise<{ readonly readiness: Readiness; readonly session?: PeerSession }> {
  let session: PeerSession;
  try {
    session = await peer.open({ silenceMs, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (!isStowageError(error, 'unavailable', 'program', 'refused')) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return { readiness: { state: 'unreachable', reason: `${error.message}${hint}`, error } };
  }
  try {
    return { readiness: await session.readiness(), session };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** What may be better the next time: a session that broke off, and what came out of it damaged. A full disk or a closed file is not. */
function mayPass(error: unknown): boolean {
  return isStowageError(error, 'changed', 'corrupt') || (isStowageError(error) && error.facts.broken === true);
}
