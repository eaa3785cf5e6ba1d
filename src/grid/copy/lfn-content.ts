import type { Access } from '../grid-results.ts';
import type { ZipArchive } from '../zip/zip-archive.ts';
import type { CopyParts } from './copy-parts.ts';
import { readMember } from './read-member.ts';
import type { ContentSource, ExpectedContent } from './read-proven.ts';
import { type ReadingOptions, readReplicas } from './read-replicas.ts';
import { readSeveral } from './read-several.ts';
import { remoteArchive } from './remote-archive.ts';
import { type ReplicaFailure, type ReplicaSet, type ReplicaToRead, replicaSet } from './replica-set.ts';
import { replicaUrl } from './replica-url.ts';

/** What is no larger is not shared between replicas. */
const smallBytes = 1 << 20;

/** How the content of an LFN is asked for. */
export interface LfnOptions extends Omit<ReadingOptions, 'gives'> {
  /** From where first: names of storage elements, qualities, `!SE` for one that is not wanted. */
  readonly where?: readonly string[];
  /** Only the storage elements named, and no others. */
  readonly strict?: boolean;
  /** Is told of each replica that is of no use. */
  readonly dropped?: (failure: ReplicaFailure) => void;
  /** Replicas that a large file is read from at once; 1 if nothing is said. */
  readonly sources?: number;
  /** How an archive is opened that has the file as a member; from afar if nothing is said, and only what is needed of it read. */
  readonly openArchive?: (replica: ReplicaToRead) => Promise<ZipArchive>;
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
  const { where = [], strict = false, sources = 1, dropped, signal } = options;
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
  const size = expected.bytes === undefined ? {} : { fileBytes: expected.bytes };
  const member = first === undefined ? undefined : memberOf(first);
  const source: ContentSource =
    member === undefined
      ? {
          joins: true,
          isWhole: true,
          stream(from, gives, range) {
            // The MD5 of the whole guards its way here too.
            const pages = options.pages ?? (range === undefined && expected.md5 !== undefined ? false : undefined);
            const how = { ...options, ...(pages === undefined ? {} : { pages }), gives };
            const { bytes } = expected;
            const isShared = range === undefined && bytes !== undefined && bytes > smallBytes && from.left().length > 1;
            return isShared && sources > 1
              ? readSeveral(storage, from, { lfn, fileBytes: bytes }, sources, how)
              : readReplicas(storage, from, { lfn, ...range, ...size }, how);
          },
        }
      : {
          joins: false,
          isWhole: false,
          stream: (from, gives, range = {}) =>
            readMember(
              from,
              member,
              { lfn, ...range, ...size },
              options.openArchive ?? ((replica) => remoteArchive(storage, replica, options)),
              { ...options, gives },
            ),
        };
  return { expected, set, source };
}

/** The name of the member of an archive that is meant; undefined for a file of its own. */
function memberOf({ url }: Access): string | undefined {
  const at = url.indexOf('#');
  return at < 0 ? undefined : url.slice(at + 1);
}

function replicaToRead(access: Access): ReplicaToRead {
  return { se: access.se, url: replicaUrl(access) };
}
