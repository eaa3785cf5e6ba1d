import type { ComparedArchive } from '../model/compare-members.ts';
import { type Cell, sqlText } from '../shards/database.ts';
import { escapeName, unescapeName } from '../shards/escaped-name.ts';
import { typeLetters } from '../shards/listing-row.ts';
import { listingTable } from '../shards/listing-table.ts';
import type { StoredListing } from '../shards/stored-listing.ts';
import type { DiskSum } from './member-query.ts';
import { indexedTime, memberKinds } from './member-rows.ts';

/** How the times of an archive's members are compared with those of files: see compare-members.ts. */
const times = { exact: 0, seconds: 1, atMost: 2, never: 3, minutes: 4 } as const;

/** The number in the index for how the times of an archive are compared. */
export function timesOf({ adopted, format }: ComparedArchive): number {
  if (!adopted) return times.exact;
  return format === 'plain' ? times.atMost : times.seconds;
}

const second = 1_000_000_000;
const minute = 60 * second;
const limit = indexedTime(2n ** 64n);

/** What is summed up, and where to. */
export interface ListingSums {
  readonly listing: StoredListing;
  /** Tables of the index, as SQL. */
  readonly members: string;
  readonly archives: string;
  /** '' is the section. */
  readonly below: string;
  /** The table that is made, for `sumOf`. */
  readonly table: string;
  /** So many times the listing is read, each time for another part of the paths: what is compared at once must fit into the memory and the space for the work. */
  readonly parts: number;
}

/**
 * The statements of SQL that make a table of the sums of a listing by folder, with what the tables `members` and `archives` of the index hold beside it; what is the same is what
 * compare-members.ts says. Both sides are joined by path out of core, so their rows are as short as can be: of type, size and target only a hash is compared.
 */
export function listingSums(sums: ListingSums): readonly string[] {
  const { table, parts } = sums;
  const [first, ...others] = Array.from({ length: parts }, (_, part) => partSums(sums, part));
  // Of a file with several names the first one counts.
  const names = `CREATE OR REPLACE TEMP TABLE first_names AS SELECT shared, min(path) AS path FROM ${rowsOf(sums)} AND shared IS NOT NULL GROUP BY shared`;
  if (others.length === 0) return [names, `CREATE TABLE ${table} AS ${first}`];
  const columns = [...sumColumns].map((name) => `sum(${name})::BIGINT AS ${name}`);
  return [
    names,
    `CREATE OR REPLACE TEMP TABLE part_sums AS ${first}`,
    ...others.map((part) => `INSERT INTO part_sums ${part}`),
    `CREATE TABLE ${table} AS SELECT folder, ${columns.join(', ')} FROM part_sums GROUP BY folder`,
    'DROP TABLE part_sums',
  ];
}

const sumColumns = [
  'files',
  'files_bytes',
  'same',
  'same_bytes',
  'changed',
  'changed_bytes',
  'unseen',
  'blind',
  'shared',
];

/** The rows of the listing that count below the folder: what could not be seen of a directory above it counts, too. */
function rowsOf({ listing, below }: ListingSums): string {
  const blind = `(${isBlindDirectory} AND (${isAbove(below)}))`;
  return `(SELECT * REPLACE (coalesce(path, '') AS path) FROM ${listingTable(listing)}) WHERE type NOT IN ('d', 'e') AND (${isBelow(below)} OR ${blind})`;
}

function isBelow(below: string): string {
  return below === '' ? 'true' : `starts_with(path, ${sqlText(`${escapeName(below)}/`)})`;
}

function isAbove(below: string): string {
  const place = sqlText(escapeName(below));
  return `path = '' OR path = ${place} OR starts_with(${place}, path || '/')`;
}

function partSums(sums: ListingSums, part: number): string {
  const { listing, members, archives, below, parts } = sums;
  const place = sqlText(escapeName(below));
  const isPart = parts === 1 ? 'true' : `hash(path) % ${parts} = ${part}`;
  // With one disk its number is left out: all rows are of the same.
  const disk = listing.roots.length > 1 ? ', disk' : '';
  const counts = 'shared IS NULL OR (shared, path) IN (SELECT (shared, path) FROM first_names)';
  const listed = `SELECT path${disk}, shared IS NOT NULL AS shared, hash(type, bytes, target) AS facts, greatest(least(mtime_ns, ${limit}), -${limit})::BIGINT AS mtime,
      CASE WHEN ${isBlindDirectory} THEN ${seen.blindDirectory} WHEN ${isBlind} THEN ${seen.blind} ELSE 0 END::UTINYINT AS blind, CASE WHEN ${counts} THEN coalesce(bytes, 0) ELSE 0 END AS bytes
    FROM ${rowsOf(sums)} AND ${isPart}`;
  const known = `SELECT m.path, hash(${typeOfKind}, m.bytes, m.target) AS facts, m.mtime, CASE WHEN m.kind = ${memberKinds.torn} THEN ${times.never} WHEN m.kind IN (${ofMinute}) AND a.times = ${times.seconds} THEN ${times.minutes} ELSE a.times END::UTINYINT AS times
    FROM (SELECT * FROM (${members}) WHERE kind <> ${memberKinds.directory} AND ${isBelow(below)} AND ${isPart}) m JOIN (${archives}) a ON a.number = m.archive`;
  // Several archives may hold a path: the best of them counts.
  const state = `max(CASE WHEN d.blind > 0 THEN d.blind WHEN m.path IS NULL THEN ${seen.notArchived} WHEN m.facts = d.facts AND ${isSameTime} THEN ${seen.same} ELSE ${seen.changed} END)::UTINYINT`;
  const judged = `SELECT path, any_value(d.bytes) AS bytes, any_value(d.shared) AS shared, ${state} AS state FROM (${listed}) d LEFT JOIN (${known}) m USING (path) GROUP BY path${disk}`;
  const counted = [`<= ${seen.same}`, `= ${seen.same}`, `= ${seen.changed}`].flatMap((those) => [
    `count(*) FILTER (state ${those})`,
    `coalesce(sum(bytes) FILTER (state ${those}), 0)::BIGINT`,
  ]);
  counted.push(
    `count(*) FILTER (state > ${seen.same})`,
    `count(*) FILTER (state = ${seen.blindDirectory})`,
    'count(*) FILTER (shared)',
  );
  const parent = "CASE WHEN contains(path, '/') THEN parse_dirpath(path, 'forward_slash') ELSE '' END";
  // What could not be seen of a directory lies in it, and so it does if that is above the one asked for.
  const folder = `CASE WHEN state <> ${seen.blindDirectory} THEN ${parent} WHEN ${isAbove(below)} THEN ${place} ELSE path END`;
  const columns = counted.map((one, at) => `${one} AS ${sumColumns[at]}`);
  return `SELECT ${folder} AS folder, ${columns.join(', ')} FROM (${judged}) GROUP BY folder`;
}

/** What the sums of the whole section, as a table, say of what lies below a folder, for `sumOf`. True of listings whose files have one name each. */
export function sumsBelow(table: string, below: string): string {
  if (below === '') return `SELECT * FROM ${table}`;
  const place = sqlText(escapeName(below));
  return `SELECT * FROM ${table} WHERE folder = ${place} OR starts_with(folder, ${place} || '/')
    UNION ALL SELECT ${place}, 0, 0, 0, 0, 0, 0, blind, blind, 0 FROM ${table} WHERE blind > 0 AND (folder = '' OR starts_with(${place}, folder || '/'))`;
}

/** What is known of a row of the listing; the greatest counts. */
const seen = { notArchived: 0, changed: 1, same: 2, blind: 3, blindDirectory: 4 } as const;

const isBlind = "type IN ('U', 'V', 'D', 'G')";
const isBlindDirectory = "type IN ('D', 'G')";
const ofMinute = `${memberKinds.fileOfMinute}, ${memberKinds.linkOfMinute}`;
const typeOfKind = `CASE WHEN m.kind IN (${memberKinds.link}, ${memberKinds.linkOfMinute}) THEN '${typeLetters.link}' ELSE '${typeLetters.file}' END`;
const isSameTime = `CASE WHEN m.times = ${times.never} THEN false WHEN m.times = ${times.atMost} THEN d.mtime <= m.mtime
  WHEN m.times = ${times.minutes} THEN d.mtime // ${minute} = m.mtime // ${minute}
  WHEN m.times = ${times.seconds} AND m.mtime % ${second} = 0 THEN d.mtime BETWEEN m.mtime AND m.mtime + ${second - 1} ELSE d.mtime BETWEEN m.mtime - 999 AND m.mtime + 999 END`;

/** A row of these sums. */
export function sumOf([folder, ...sums]: readonly Cell[]): DiskSum {
  const [files, bytes, sameFiles, sameBytes, changedFiles, changedBytes, unseen] = sums.map(
    Number,
  ) as unknown as readonly [...[number, number, number, number, number, number, number]];
  return {
    folder: unescapeName(String(folder)),
    files,
    bytes,
    sameFiles,
    sameBytes,
    changedFiles,
    changedBytes,
    unseen,
  };
}
