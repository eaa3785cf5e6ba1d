import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoredObject, Written } from './store.ts';

/**
 * What a publish must do, the same for every store: `publish` moves the written object under its name, `done` says that it
 * stands there already (the reply was lost). Throws `exists`, `changed` or `missing` as the contract says.
 */
export function publishDecision(
  written: Written,
  current: StoredObject | undefined,
  expected: string | undefined,
  facts: { readonly isOurs: boolean; readonly isWaiting: boolean },
): 'publish' | 'done' {
  const name = displayName(written.key);
  if (current !== undefined && facts.isOurs) return 'done';
  if (!facts.isWaiting)
    throw new StowageError('missing', `what was written for '${name}' is gone, so it cannot be published`);
  if (current === undefined) {
    if (expected === undefined) return 'publish';
    throw new StowageError('changed', `'${name}' was to be replaced and has gone from the store`, {
      facts: { expected },
    });
  }
  if (expected === undefined) {
    throw new StowageError('exists', `'${name}' is already in the store`, { facts: { version: current.version } });
  }
  if (current.version !== expected) {
    throw new StowageError('changed', `'${name}' was changed in the store by someone else`, {
      facts: { expected, version: current.version },
    });
  }
  return 'publish';
}
