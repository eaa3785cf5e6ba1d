import type { Access } from '../grid-results.ts';

/**
 * The address of a replica with the permission to use it, as storage elements want it. The member of an archive that stands behind `#` is left out: the permission is
 * for the archive. Secret: whoever has it can do the same.
 */
export function replicaUrl({ url, envelope }: Pick<Access, 'url' | 'envelope'>): string {
  return `${url.split('#', 1)[0]}?xrd.wantprot=unix&authz=${envelope}`;
}
