/** How closely an archive was checked: the ladder, weakest rung first. `digest` is the digest that the store recorded; `read` is every byte read back. */
export const evidenceLevels = ['listed', 'size', 'index', 'digest', 'read'] as const;

export type EvidenceLevel = (typeof evidenceLevels)[number];

/** True if `level` proves at least as much as `atLeast`. */
export function reaches(level: EvidenceLevel, atLeast: EvidenceLevel): boolean {
  return evidenceLevels.indexOf(level) >= evidenceLevels.indexOf(atLeast);
}

/** That an archive was seen in good order: how closely, when, and in which version. */
export interface Evidence {
  readonly level: EvidenceLevel;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The store's version of the object that was checked. */
  readonly version: string;
}
