import { type Stats, statSync } from 'node:fs';
import { fileError, StowageError, systemCode } from '../../../errors.ts';
import { gridError } from '../../../grid/errno.ts';
import { type CatalogueEntry, foundFile } from '../../../grid/grid-results.ts';
import type { GridResult } from '../../../grid/reply.ts';
import { displayName, fsPath, isUtf8Name } from '../../../model/byte-name.ts';
import type { CopyLine } from './copy-line.ts';
import type { LeftOut, PlanParts } from './copy-plan.ts';
import { doubtfulPlace } from './grid-place.ts';
import { localFiles } from './local-files.ts';
import type { PlacedPair } from './placed-pair.ts';
import type { FoundContent } from './planned-copies.ts';

/** What a source holds. */
export type Found =
  | ({ readonly kind: 'file' } & FoundContent)
  | ({ readonly kind: 'left out' } & LeftOut)
  | { readonly kind: 'told'; readonly text: string };

/** What a name of this machine stands for: the file, or the files of the directory that were asked for. */
export async function* filesOfMachine(pair: PlacedPair, line: CopyLine): AsyncGenerator<Found> {
  const stats = look(pair);
  if ('kind' in stats) return yield stats;
  if (stats.isFile()) {
    if (pair.isContent) return yield missing(pair, 20, `'${displayName(pair.local)}' is not a directory`);
    if (!isUtf8Name(pair.local.split('/').at(-1)!)) {
      return yield missing(
        pair,
        22,
        `'${displayName(pair.local)}' has a name that is not UTF-8, which the Grid cannot hold`,
      );
    }
    return yield { kind: 'file', below: undefined, bytes: stats.size };
  }
  if (!stats.isDirectory())
    return yield missing(pair, 22, `'${displayName(pair.local)}' is neither a file nor a directory`);
  const catalogueOnly = line.filters.onlyInCatalogue ?? line.server[0];
  if (catalogueOnly !== undefined) {
    throw new StowageError('usage', `cp: ${catalogueOnly} is known to the Grid only, and '${pair.shown}' is here`, {
      facts: { errno: 22 },
    });
  }
  const base = `${pair.local === '/' ? '' : pair.local}/`;
  const fits = globTest(pair.pattern ?? line.filters.pattern);
  let [seen, given, empty] = [0, 0, 0];
  for await (const found of localFiles(pair.local)) {
    if (found.kind === 'empty') empty += 1;
    else if (found.kind === 'left out') yield { kind: 'left out', name: displayName(found.path), reason: found.reason };
    else {
      const { below, bytes, changedMs } = found;
      const as: GridResult = { lfn: `${base}${below}`, size: String(bytes), ctime: String(Math.floor(changedMs)) };
      if (!fits(below) || !line.filters.keeps(as, base)) continue;
      seen += 1;
      if (seen <= line.skip || given >= (line.most ?? Number.POSITIVE_INFINITY)) continue;
      given += 1;
      yield { kind: 'file', below, bytes };
    }
  }
  if (given === 0) yield nothing(pair);
  if (empty > 0)
    yield {
      kind: 'told',
      text: `${empty} empty ${empty === 1 ? 'directory is' : 'directories are'} not made on the Grid`,
    };
}

/** What a name of the Grid stands for. */
export async function* filesOfGrid(
  pair: PlacedPair,
  line: CopyLine,
  entry: CatalogueEntry | undefined,
  { grid, options }: PlanParts,
): AsyncGenerator<Found> {
  const { lfn } = pair;
  if (entry === undefined) {
    if (pair.doubtful !== undefined) throw doubtfulPlace(pair.doubtful);
    return yield missing(pair, 2, `'${displayName(lfn)}' is not on the Grid`);
  }
  if (entry.type === 'collection') return yield missing(pair, 22, `'${displayName(lfn)}' is a collection, and no file`);
  if (entry.type !== 'directory') {
    if (pair.isContent) return yield missing(pair, 20, `'${displayName(lfn)}' is not a directory`);
    return yield { kind: 'file', below: undefined, ...contentOf(entry) };
  }
  const base = `${lfn === '/' ? '' : lfn}/`;
  // The server counts before our filters do, and in no order.
  const counts = line.filters.given.every((option) => option === '-glob');
  const skip = counts && line.skip > 0 ? ['-o', String(line.skip)] : [];
  const most = counts && line.most !== undefined ? ['-l', String(line.most)] : [];
  const sorted = line.skip > 0 || line.most !== undefined ? [] : ['-s'];
  const sent = [
    '-nomsg',
    '-f',
    '-a',
    ...sorted,
    ...line.server,
    ...skip,
    ...most,
    base,
    pair.pattern ?? line.filters.pattern ?? '*',
  ];
  const reply = await grid.send('find', sent, options);
  if (reply.exitCode !== 0) throw gridError('find', reply.exitCode, reply.error);
  let [seen, given] = [0, 0];
  for (const result of reply.results) {
    const name = String(result.lfn);
    if (name.endsWith('/') || !line.filters.keeps(result, base)) continue;
    seen += 1;
    if (!counts && (seen <= line.skip || given >= (line.most ?? Number.POSITIVE_INFINITY))) continue;
    given += 1;
    if (!name.startsWith(base)) {
      yield missing(pair, 22, `'${displayName(name)}' was found, which does not lie in '${displayName(lfn)}'`);
    } else if (result.type === 'c') {
      yield missing(pair, 22, `'${displayName(name)}' is a collection, and no file`);
    } else {
      yield { kind: 'file', below: name.slice(base.length), ...contentOf(foundFile(result)) };
    }
  }
  if (given === 0) yield nothing(pair);
}

function contentOf({ bytes, md5, changed }: { bytes?: number; md5?: string; changed: Date }) {
  return { bytes, changed, ...(md5 === undefined ? {} : { md5 }) };
}

function look(pair: PlacedPair): Stats | Extract<Found, { kind: 'left out' }> {
  try {
    return statSync(fsPath(pair.local));
  } catch (error) {
    const isAbsent = systemCode(error) === 'ENOENT';
    const reason = fileError(`cannot look at '${displayName(pair.local)}'`, error);
    if (!isAbsent) return { kind: 'left out', name: pair.shown, reason };
    return missing(pair, 2, `'${displayName(pair.local)}' is not on this machine`);
  }
}

function missing(pair: PlacedPair, errno: number, what: string): Extract<Found, { kind: 'left out' }> {
  const code = errno === 2 ? 'missing' : 'refused';
  const hint =
    errno === 2 && /[*?[]/.test(pair.shown)
      ? { hint: "patterns are given apart: cp -glob '*.root' DIRECTORY/ DESTINATION" }
      : {};
  return { kind: 'left out', name: pair.shown, reason: new StowageError(code, what, { ...hint, facts: { errno } }) };
}

function nothing(pair: PlacedPair): Found {
  return missing(pair, 42, `there is nothing in '${pair.shown}' to copy`);
}

/** The catalogue's patterns: `*` for anything, `?` for one character, anywhere in the path below. */
function globTest(pattern: string | undefined): (below: string) => boolean {
  if (pattern === undefined) return () => true;
  const source = pattern
    .replace(/[\\^$.+|(){}[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(source, 'su');
  return (below) => expression.test(below);
}
