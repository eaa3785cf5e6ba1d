import type { Access } from '../grid-commands.ts';
import type { CopyParts } from './copy-parts.ts';
import type { ContentSource, ExpectedContent } from './read-proven.ts';
import { type ReadingOptions, readReplicas } from './read-replicas.ts';
import { type ReplicaFailure, type ReplicaSet, type ReplicaToRead, replicaSet } from './replica-set.ts';
import { replicaUrl } from './replica-url.ts';

/** How the content of an LFN is asked for. */
export interface LfnOptions extends Omit<ReadingOptions, 'gives'> {
  /** From where first: names of storage elements, qualities, `!SE` for one that is not wanted. */
  readonly where?: readonly string[];
  /** Only the storage elements named, and no others. */
  readonly strict?: boolean;
  /** Is told of each replica that is of no use. */
  readonly dropped?: (failure: ReplicaFailure) => void;
}

/** The content of an LFN, as the catalogue has it now. */
export interface LfnContent {
  readonly expected: ExpectedContent & { readonly guid: string };
  readonly set: ReplicaSet;
  readonly source: ContentSource;
}

/** Asks the central server for permission to read, and answers where from and what should come. Rejects as `accessToRead` does. */
export async function lfnContent(
  { grid, storage }: Pick<CopyParts, 'grid' | 'storage'>,
  lfn: string,
  options: LfnOptions = {},
): Promise<LfnContent> {
  const { where = [], strict = false, dropped, signal } = options;
  const accesses = await grid.accessToRead(lfn, where, { strict, ...(signal === undefined ? {} : { signal }) });
  const [first] = accesses;
  const excluded = where.filter((one) => one.startsWith('!')).map((one) => one.slice(1).toUpperCase());
  const wanted = accesses.filter(({ se }) => !excluded.includes(se.toUpperCase()));
  const set = replicaSet(wanted.map(replicaToRead), dropped);
  const expected = {
    lfn,
    guid: first?.guid ?? '',
    ...(first?.bytes === undefined ? {} : { bytes: first.bytes }),
    ...(first?.md5 === undefined ? {} : { md5: first.md5 }),
  };
  const source: ContentSource = {
    joins: true,
    isWhole: true,
    stream: (from, gives, range = {}) =>
      readReplicas(
        storage,
        from,
        { lfn, ...range, ...(expected.bytes === undefined ? {} : { fileBytes: expected.bytes }) },
        { ...options, gives },
      ),
  };
  return { expected, set, source };
}

function replicaToRead(access: Access): ReplicaToRead {
  return { se: access.se, url: replicaUrl(access) };
}
