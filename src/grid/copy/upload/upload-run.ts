import type { CatalogueEntry } from '../../grid-results.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { CopyOptions } from '../copy-options.ts';
import type { CopyParts } from '../copy-parts.ts';
import { type Digester, digester } from './content.ts';
import { type CopyJournal, copyJournal } from './copy-journal.ts';
import type { LeftUpload } from './left-uploads.ts';
import { lookAhead } from './look-ahead.ts';
import { type Left, readLeft, removeSettled } from './read-left.ts';
import { serverSums } from './server-sums.ts';
import { removePending, type Storage } from './store-replica.ts';

/** What the uploads of one run share. */
export interface UploadRun {
  readonly parts: CopyParts;
  readonly options: CopyOptions;
  readonly storage: Storage;
  readonly digester: Digester;
  readonly journal: CopyJournal | undefined;
  /** What the catalogue has of a name; many are asked for in one request. */
  look(lfn: string): Promise<CatalogueEntry | undefined>;
  /** What ended runs have left of a name. */
  leftOf(lfn: string): Promise<readonly LeftUpload[]>;
  /** Nothing is left to do for one of these. */
  settled(left: LeftUpload): void;
  /** Work on one name waits for that which was begun before. `isAlone` is false if it had to. */
  inTurn<T>(lfn: string, work: (isAlone: boolean) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A run over these parts. What ended runs have left half way is settled before its first upload. */
export function uploadRun(parts: CopyParts, options: CopyOptions, tell: (event: CopyEvent) => void): UploadRun {
  const storage: Storage = { session: parts.storage, sums: serverSums(parts.storage) };
  const journal = parts.journals === undefined ? undefined : copyJournal(parts.journals, parts.clock);
  const hashing = digester();
  const turns = new Map<string, Promise<unknown>>();
  let reading: Promise<Left> | undefined;
  const settled: LeftUpload[] = [];

  return {
    parts,
    options,
    storage,
    digester: hashing,
    journal,
    look: lookAhead(parts.grid),
    async leftOf(lfn) {
      reading ??= readLeft(parts, storage, tell);
      return (await reading).byName.get(lfn) ?? [];
    },
    settled(left) {
      settled.push(left);
      void reading?.then(({ open }) => open.delete(left));
    },
    async inTurn(lfn, work) {
      const before = turns.get(lfn);
      const mine = (before ?? Promise.resolve()).then(() => work(before === undefined));
      const ended = mine.catch(() => undefined);
      turns.set(lfn, ended);
      try {
        return await mine;
      } finally {
        if (turns.get(lfn) === ended) turns.delete(lfn);
      }
    },
    async close() {
      await hashing.close();
      await journal?.close();
      // What a killed run had sent may have come to its server only after we looked there first.
      const late = settled.flatMap(({ replicas }) => replicas);
      await Promise.all(late.map((replica) => removePending(storage, replica).catch(() => undefined)));
      const left = await reading?.catch(() => undefined);
      if (left !== undefined) await removeSettled(left);
    },
  };
}
