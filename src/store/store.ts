import type { DigestKind, Digests } from '../model/digest.ts';
import type { IndexedItem } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { PackLimits, PackMember } from './pack-limits.ts';

/** An object as a store shows it. */
export interface StoredObject {
  readonly key: StoreKey;
  readonly bytes: number;
  /** Opaque; changes whenever the content may have. */
  readonly version: string;
  /** When the store last changed it: nanoseconds since 1970 UTC. */
  readonly modifiedNs?: bigint;
  /** Nobody has said which zone the store tells that in: it may be off by some hours. */
  readonly isZoneUnknown?: true;
  /** What the store claims; `{}` if it keeps none. */
  readonly digests: Digests;
  /** `asleep`: the bytes are on tape and must be recalled before `get`. */
  readonly state: 'readable' | 'asleep';
}

/** From `start` (inclusive) to `end` (exclusive), in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** In which order objects are best read, and what that costs at most: a pure look. */
export interface RecallPlan {
  readonly order: readonly StoreKey[];
  /** Tapes that must be mounted for what does not lie on disk besides. */
  readonly mounts: number;
  readonly bytes: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** For a store with copies. */
export interface CopyOptions extends CallOptions {
  /** This one and no other; absent: whichever can be had. */
  readonly copy?: string;
}

/** A place to read archives from. Absence is `undefined`; failing to look throws `unavailable`. */
export interface Source {
  /** The store as a URL, the same for the same store: records carry it. */
  readonly location: string;
  /** Undefined only if the store was seen not to hold it. Wakes nothing. */
  stat(key: StoreKey, options?: CallOptions): Promise<StoredObject | undefined>;
  /** Every published object whose key begins with `prefix`. Complete or throws. Unordered. */
  list(prefix: string, options?: CallOptions): AsyncIterable<StoredObject>;
  /** The bytes of an object, or of a range of it. Rejects `missing`, `asleep`. Ends short only by throwing. */
  get(key: StoreKey, options?: CopyOptions & { readonly range?: ByteRange }): Promise<AsyncIterable<Uint8Array>>;
  /** The digest that the store itself keeps or computes, without moving bytes to us; undefined if it has none for this object, or of this copy. */
  readonly digest?: (key: StoreKey, kind: DigestKind, options?: CopyOptions) => Promise<string | undefined>;
  /** The store keeps an object in several places, each of which can fail by itself: what they are called. Whoever proves the object looks at each. */
  readonly copies?: (key: StoreKey, options?: CallOptions) => Promise<readonly string[]>;
  /** The store reads the object itself and compares it with the digest that it keeps; undefined if it keeps none. */
  readonly reread?: (key: StoreKey, options?: CallOptions) => Promise<'same' | 'other' | undefined>;
  /** The store reads the object and keeps its digest from now on; returns it. */
  readonly createDigest?: (key: StoreKey, kind: DigestKind, options?: CallOptions) => Promise<string>;
  /** For objects that may sleep on tape: in which order they are best read. What is not there comes last. */
  readonly planRecall?: (objects: ReadonlyMap<StoreKey, number>, options?: CallOptions) => Promise<RecallPlan>;
  /** What the archive holds, by its own index and without recalling it: members without digests. Names are relative to the archive's base. Throws `corrupt` if it is no archive. */
  readonly index?: (key: StoreKey, options?: CallOptions) => AsyncIterable<IndexedItem>;
  /** The store takes members out of an archive itself, by its index, and reads only these. */
  readonly extract?: {
    /** False for an archive that has no index. */
    takes(key: StoreKey, options?: CallOptions): Promise<boolean>;
    /** False for a name that cannot be asked for. */
    carries(name: string): boolean;
    /** Puts files, by their names relative to the archive's base, below an empty local directory, with time and permissions. No proof: that each is there, and what it is, is the caller's to see. */
    files(key: StoreKey, names: readonly string[], into: string, options?: CallOptions): Promise<void>;
  };
}

/** Durable, not yet under its name. Plain data, journalled; `token` holds no secret. */
export interface Written {
  readonly key: StoreKey;
  readonly object: StoredObject;
  readonly token: string;
}

/** The version that is expected under each key; a key that is not in it must not exist. */
export type Versions = ReadonlyMap<StoreKey, string>;

/** A written object that now stands under its name. */
export interface Published {
  readonly key: StoreKey;
  readonly object: StoredObject;
}

/** An object that is to be written. */
export interface WantedObject {
  readonly key: StoreKey;
  /** Of content: what it comes to in the store is a little more. */
  readonly bytes: number;
  /** True if there is one under this key. */
  readonly replaces: boolean;
  /** True if the store is to pack it. */
  readonly byStore: boolean;
}

/** Something that stands in the way of writing. */
export interface Obstacle {
  /** Of this object; absent: of all. */
  readonly key?: StoreKey;
  readonly reason: string;
  readonly advice?: string;
  /** Nothing at all can be written. */
  readonly stops?: true;
}

/** What a store cannot do more of at once, or does better together. */
export interface StoreLimits {
  /** How many objects can be written at once. */
  readonly parallelWrites?: number;
  /** Publishing is dear, whatever it is of: who publishes much hands it over together, up to so many bytes and members of archives at once. Absent: it is not. */
  readonly publishTogether?: { readonly bytes: number; readonly members: number };
}

/** A place for archives. Every write has two steps, so that nothing is ever half there: `write`, then `publish`. */
export interface Store extends Source {
  /** What it cannot do more of; absent: nothing that is known. */
  readonly limits?: StoreLimits;
  /**
   * Resolved = durable and not listed. Never retries: `bytes` is read once. After a failure nothing is listed, and what is left is debris at most.
   * The memory of a chunk is used again once the next but one is asked for: a store that keeps it longer copies it.
   */
  write(
    key: StoreKey,
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: CallOptions & { readonly bytes?: number },
  ): Promise<Written>;
  /**
   * Makes written objects appear, in the given order, and yields each that is durable under its name; after a failure those behind it still wait. `replaces` = the version expected: absent → must not exist (`exists`); another → `changed`.
   * Old content stays until the new is durable. Idempotent by token: asking again after a lost reply is safe.
   */
  publish(
    written: readonly Written[],
    options?: CallOptions & { readonly replaces?: Versions },
  ): AsyncIterable<Published>;
  /** Removes what was written and not published. Idempotent. */
  discard(written: Written, options?: CallOptions): Promise<void>;
  /** The store bundles local files itself: exactly `members`, of which each lies at its path below the directory `base`, else it rejects. Resolved as `write` does. */
  readonly pack?: {
    /** Data, so that who plans knows them. */
    readonly limits: PackLimits;
    write(key: StoreKey, base: string, members: readonly PackMember[], options?: CallOptions): Promise<Written>;
  };
  /** All that is seen to stand in the way of writing these, before anything is sent. Changes nothing, but that with `trial`, a name, it makes something of that name among what waits, and removes it. */
  readonly preflight?: (
    wants: readonly WantedObject[],
    options?: CallOptions & { readonly trial?: string },
  ) => Promise<readonly Obstacle[]>;
  /** What killed runs left: written, not published, complete or not. */
  debris(options?: CallOptions): AsyncIterable<Written>;
  /** Ends the connections that it keeps, so that nothing holds the process. Idempotent; whoever goes on using it has them opened again. */
  readonly close?: () => Promise<void>;
}
