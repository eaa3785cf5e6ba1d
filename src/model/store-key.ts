import { StowageError } from '../errors.ts';
import { displayName } from './byte-name.ts';
import { unsafePath } from './relative-path.ts';

declare const storeKeyBrand: unique symbol;

/** The name of an object in a store: `SECTION/NAME`, never absolute, never with `..`. Not a local path. */
export type StoreKey = string & { readonly [storeKeyBrand]: true };

/** Stowage's own objects in a store lie below this prefix and never count as unexplained. */
export const ownPrefix = '.stowage/';

/** The text as a store key. Throws `refused` if it could leave the store. */
export function storeKey(text: string): StoreKey {
  const problem = unsafePath(text);
  if (problem !== undefined) throw new StowageError('refused', `'${displayName(text)}' cannot be a key: ${problem}`);
  return text as StoreKey;
}
