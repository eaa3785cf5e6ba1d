import { plainReason, StowageError } from '../../errors.ts';
import type { CollectSettings } from '../configuration/pool-configuration.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';

/** One thing that an extension has to say. */
export function extensionEvent(
  action: string,
  level: PoolEvent['level'],
  deed: PoolEvent['deed'],
  text: string,
  facts: Partial<PoolEvent> = {},
): PoolEvent {
  return { kind: 'pool', action, level, deed, text, ...facts };
}

/** That a part could not be done; the others are done all the same. */
export function extensionFailure(action: string, what: string, error: unknown): PoolEvent {
  const reason = plainReason(error);
  return extensionEvent(action, 'error', 'failed', `${what}: ${reason}.`, { reason });
}

/** The section collect, which says where dumps go. Throws `configuration` if there is none. */
export function collectOf(run: PoolRun, action: string): CollectSettings {
  const { collect } = run.configuration;
  if (collect !== undefined) return collect;
  throw new StowageError('configuration', `the extension ${action} needs a section collect: its files go there`);
}

/** The own section of an extension. Throws `configuration` if it is absent. */
export function sectionOf<Section>(section: Section | undefined, action: string): Section {
  if (section !== undefined) return section;
  throw new StowageError('configuration', `the extension ${action} needs a section ${action}`);
}
