import type { Store } from './store.ts';

/** What was found of one thing. `unseen`: it could not be looked at. */
export interface Diagnosis {
  readonly outcome: 'ok' | 'warning' | 'problem' | 'unseen';
  /** What was found, with the name of the place. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** One thing of a store that can be examined, and that only this kind of store knows of. */
export interface StoreCheck {
  readonly name: string;
  examine(options?: { readonly signal?: AbortSignal }): AsyncIterable<Diagnosis> | Promise<readonly Diagnosis[]>;
}

/** How a store is examined without coming near what it holds. */
export interface StoreExamination {
  /** The folder on a disk of this machine that it lies in; undefined if it lies in none. */
  readonly folder: string | undefined;
  /** An empty store of the same kind in the same place, which no listing of the real one shows. Throws where it cannot be made. */
  scratch(): Promise<ScratchStore>;
  readonly checks: readonly StoreCheck[];
}

/** A store to try things in. */
export interface ScratchStore {
  /** A folder beside it on the same disk, empty; undefined for a store that lies on none. */
  readonly folder: string | undefined;
  /** As a process that has just started opens it. */
  open(): Promise<Store>;
  /** Removes it with all that is in it, and whatever was made for it. Idempotent. */
  remove(): Promise<void>;
}
