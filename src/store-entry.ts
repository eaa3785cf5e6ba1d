/** The public entry `stowage/store`: what a store is, the contract it must keep, and one that lives in memory. */
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export type { DigestKind, Digests } from './model/digest.ts';
export type { Member } from './model/manifest.ts';
export { type StoreKey, storeKey } from './model/store-key.ts';
export { type ContractCase, type ContractContext, storeContract } from './store/contract.ts';
export { memoryStore } from './store/memory-store.ts';
export type { PackLimits, PackMember } from './store/pack-limits.ts';
export type * from './store/store.ts';
