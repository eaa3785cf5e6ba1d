import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ArchiveHead, ArchiveRecord } from './archive-record.ts';
import { type Fold, folder } from './fold.ts';
import { readHeads } from './heads-cache.ts';
import { type ManifestReader, manifestReader } from './manifest-reader.ts';
import type { RunRecord } from './records.ts';
import { runsOf, type StateFolder } from './state-folder.ts';
import { unchangedSince } from './unchanged-since.ts';

/** Which tree and which store a record speaks of. */
export interface Identity {
  readonly root: string;
  readonly store: string;
}

/** All that is known of one section: the fold of its journals. Members are read from the journals when they are asked for. */
export interface Catalog extends Fold {
  readonly section: string;
  /** Every run that has a journal, oldest first. */
  readonly runNames: readonly string[];
  /** What is inside one archive. Throws `corrupt` if its lines are no longer what they were when the catalog was opened. */
  manifestOf(of: { readonly head: ArchiveHead }): Promise<Manifest>;
  /** The same for many, in the order of the journals: the fastest way through all of them. One manifest is in memory at a time. */
  readonly manifests: ManifestReader['manifests'];
  /** As `manifests`, with the lines as they stand. */
  readonly blocks: ManifestReader['blocks'];
  /** Since when members have been archived as they are, by path; those that are not in it since the record's `recordedAt`. */
  sinceOf(record: ArchiveRecord): Promise<ReadonlyMap<string, string>>;
}

/**
 * Reads the record of a section. Throws `mismatch` if it was made for another root or store, `corrupt` if a journal is
 * damaged, `unavailable` if one cannot be read.
 */
export async function openCatalog(state: StateFolder, section: string, identity: Identity): Promise<Catalog> {
  const runNames = await runsOf(state, section);
  const all = folder();
  for (const run of runNames) {
    for await (const batch of readHeads(state, section, run, run === runNames.at(-1))) {
      for (const record of batch) {
        if (record.kind === 'run') checkIdentity(record, section, identity);
        all.add(record, run);
      }
    }
  }
  const reader = manifestReader(state, section);
  return {
    ...all.result(),
    section,
    runNames,
    manifestOf: ({ head }) => reader.manifestOf(head),
    manifests: (records) => reader.manifests(records),
    blocks: (records) => reader.blocks(records),
    sinceOf: (record) => unchangedSince(reader, record),
  };
}

function checkIdentity(record: RunRecord, section: string, identity: Identity): void {
  if (record.section !== section) {
    throw new StowageError(
      'corrupt',
      `the journal of run ${record.run} belongs to section '${record.section}', not to '${section}'`,
    );
  }
  for (const [what, was, is] of [
    ['root', record.root, identity.root],
    ['store', record.store, identity.store],
  ] as const) {
    if (was === is) continue;
    throw new StowageError(
      'mismatch',
      `the record of section '${displayName(section)}' was made for the ${what} '${displayName(was)}', the configuration says '${displayName(is)}'`,
      {
        hint: `if the ${what} was moved: stowage rebuild-catalog CONFIG; if this is another project: give it a state folder of its own with --state DIR`,
        facts: { run: record.run, root: record.root, store: record.store },
      },
    );
  }
}
