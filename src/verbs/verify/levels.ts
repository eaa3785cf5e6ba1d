import { StowageError } from '../../errors.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import type { Source } from '../../store/store.ts';

/** The rungs that a store has: every store can list, tell sizes and be read; an index or digests of its own only some have. */
export function levelsOf(source: Source): readonly EvidenceLevel[] {
  return [
    'listed',
    'size',
    ...(source.index === undefined ? [] : (['index'] as const)),
    ...(source.digest === undefined ? [] : (['digest'] as const)),
    'read',
  ];
}

/** Throws `usage` where the store makes no digests, or where none is asked for. */
export function requireDigests(source: Source, level: EvidenceLevel): void {
  if (source.createDigest === undefined)
    throw new StowageError('usage', `the store ${source.location} makes no digests of its own`, {
      hint: 'leave --create-digests out',
    });
  if (level !== 'digest' && level !== 'read')
    throw new StowageError('usage', `at the level '${level}' no digest is looked at`, {
      hint: '--create-digests goes with --level digest or --level read',
    });
}

/** Throws `usage` if the store has not the rung, and names those that it has. */
export function requireLevel(source: Source, level: EvidenceLevel): void {
  const levels = levelsOf(source);
  if (levels.includes(level)) return;
  throw new StowageError('usage', `the store ${source.location} cannot verify at the level '${level}'`, {
    hint: `it has: ${levels.join(', ')}`,
    facts: { level, levels },
  });
}
