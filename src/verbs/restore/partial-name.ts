import { hash } from 'node:crypto';
import { nameToBytes } from '../../model/byte-name.ts';
import { baseOf, joinPath, parentOf } from '../../model/relative-path.ts';

/**
 * Where a file is written before it appears under its name: in the same folder, the same place each time, so that a restore
 * that is run again overwrites what a killed one left.
 */
export function partialPath(path: string): string {
  const digest = hash('sha256', nameToBytes(baseOf(path)), 'hex').slice(0, 16);
  return joinPath(parentOf(path), `.stowage-${digest}.part`);
}

/** True for the last part of such a path. */
export function isPartialName(name: string): boolean {
  return /^\.stowage-[0-9a-f]{16}\.part$/.test(name);
}
