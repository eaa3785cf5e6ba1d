import { sqlText } from '../shards/database.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { MemberQuery } from './member-query.ts';
import { indexedTime, memberKinds } from './member-rows.ts';

/** The tables of an index as SQL: see docs/formats/record-index.md. */
export interface IndexTables {
  readonly members: string;
  readonly archives: string;
  readonly folders: string;
}

/** The tables over all parts of an index, each attached under its name. */
export function indexTablesOf(parts: readonly string[]): IndexTables {
  return { members: allOf('members', parts), archives: allOf('archives', parts), folders: allOf('folders', parts) };
}

/** A table over all parts of the index, without the archives of the base that are over. */
function allOf(table: string, parts: readonly string[]): string {
  const number = table === 'archives' ? 'number' : 'archive';
  if (parts.length === 1) return `SELECT * FROM base.${table}`;
  return `SELECT * FROM base.${table} WHERE ${number} NOT IN (SELECT number FROM delta.over) UNION ALL SELECT * FROM delta.${table}`;
}

/** The members that a query asks for, sorted, and where their lines are; `chosen` is a further condition, on their archives. */
export function memberSql(query: MemberQuery, { members, archives }: IndexTables, chosen: string): string {
  const where: string[] = [];
  if (query.directories !== true) where.push(`kind <> ${memberKinds.directory}`);
  if (query.holdsOneOf !== undefined) {
    const texts = query.holdsOneOf.map((text) => `contains(path, ${sqlText(escapeName(text))})`);
    where.push(`(${texts.join(' OR ')})`);
  }
  const { bytes, mtimeNs, below = '' } = query;
  if (bytes?.from !== undefined) where.push(`bytes >= ${bytes.from}`);
  if (bytes?.to !== undefined) where.push(`bytes <= ${bytes.to}`);
  if (mtimeNs?.from !== undefined) where.push(`mtime >= ${indexedTime(mtimeNs.from)}`);
  if (mtimeNs?.to !== undefined) where.push(`mtime <= ${indexedTime(mtimeNs.to)}`);
  const prefix = below === '' ? '' : `${escapeName(below)}/`;
  if (prefix !== '') where.push(`starts_with(path, ${sqlText(prefix)})`);
  if (query.direct === true) where.push(`NOT contains(substr(path, ${[...prefix].length + 1}), '/')`);
  if (chosen !== '') where.push(chosen);
  const wanted = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  // Escaped names are not in the order of their bytes: those that are escaped bring them.
  return `SELECT m.path, a.key, coalesce(m.since, a.recorded), a.run, m.place, m.length
    FROM (SELECT * FROM (${members}) ${wanted}) m JOIN (${archives}) a ON a.number = m.archive
    ORDER BY coalesce(m.sort, encode(m.path)), a.key`;
}

/** More paths than this are put into a table of their own, and the directories above what is held are looked up in it. */
const fewPaths = 500;

/**
 * Which archives hold the n-th of these paths, or something below it: a folder with anything but directories in it is in the table of
 * folders. Few paths are compared with each folder; with many that would take their product.
 */
export function belowSql(
  paths: readonly string[],
  tables: IndexTables,
): { readonly prepare: readonly string[]; readonly ask: string } {
  const rows = paths.map((path, at) => `(${at}, ${sqlText(escapeName(path))})`);
  if (rows.length <= fewPaths) return { prepare: [], ask: holdersSql(`(VALUES ${rows.join(', ')})`, tables, compared) };
  const inserted: string[] = [];
  for (let from = 0; from < rows.length; from += fewPaths)
    inserted.push(`INSERT INTO wanted VALUES ${rows.slice(from, from + fewPaths).join(', ')}`);
  const made = 'CREATE OR REPLACE TEMP TABLE wanted(n INTEGER, path VARCHAR)';
  return { prepare: [made, ...inserted], ask: holdersSql('(SELECT * FROM wanted)', tables, lookedUp) };
}

/** The rows `n, archive` of those paths that `rows(archive, path)` are below, or are. */
type Below = (rows: string) => string;

const compared: Below = (rows) =>
  `SELECT w.n, r.archive FROM wanted_paths w JOIN (${rows}) r ON r.path = w.path OR starts_with(r.path, w.path || '/')`;

const lookedUp: Below = (rows) =>
  `SELECT w.n, r.archive FROM (
     SELECT archive, unnest(list_transform(generate_series(1, len(parts)), i -> array_to_string(parts[1:i], '/'))) AS path
     FROM (SELECT archive, string_split(path, '/') AS parts FROM (${rows}))
   ) r JOIN wanted_paths w ON r.path = w.path`;

function holdersSql(wanted: string, { members, archives, folders }: IndexTables, below: Below): string {
  const directories = `SELECT archive, path FROM (${members}) WHERE kind = ${memberKinds.directory}`;
  return `WITH wanted_paths(n, path) AS ${wanted}
    SELECT DISTINCT held.n, a.key FROM (
      SELECT w.n, m.archive FROM wanted_paths w JOIN (${members}) m ON m.path = w.path
      UNION ALL ${below(`SELECT archive, folder AS path FROM (${folders})`)}
      UNION ALL ${below(directories)}
      UNION ALL SELECT w.n, a.number FROM wanted_paths w, (${archives}) a WHERE w.path = ''
    ) held JOIN (${archives}) a ON a.number = held.archive`;
}

/** The paths that several archives hold, with the keys of these, each escaped, with commas between them. */
export function sharedSql({ members, archives }: IndexTables): string {
  const content = `SELECT path, archive FROM (${members}) WHERE kind <> ${memberKinds.directory}`;
  const several = `SELECT path FROM (${content}) GROUP BY path HAVING count(*) > 1`;
  return `SELECT m.path, string_agg(a.key, ',') FROM (${content}) m JOIN (${archives}) a ON a.number = m.archive
    WHERE m.path IN (${several}) GROUP BY m.path`;
}
