import type { GridSession } from '../../../grid/connect.ts';
import { gridError } from '../../../grid/errno.ts';
import { type CatalogueEntry, catalogueEntry } from '../../../grid/grid-results.ts';
import type { SendOptions } from '../../../grid/session.ts';

/** What the catalogue says of absolute names; those that are not there have no entry. One request for as many as it holds. */
export async function knownNames(
  grid: Pick<GridSession, 'send'>,
  lfns: Iterable<string>,
  options: SendOptions,
): Promise<ReadonlyMap<string, CatalogueEntry>> {
  const wanted = [...new Set([...lfns].map(bare))];
  const known = new Map<string, CatalogueEntry>();
  if (wanted.length === 0) return known;
  const reply = await grid.send('stat', ['-nomsg', ...wanted], options);
  // Of several, the last error is told: what has no answer is then taken for absent, which an upload and a download find out to be wrong.
  if (reply.exitCode !== 0 && reply.exitCode !== absent) throw gridError('stat', reply.exitCode, reply.error);
  for (const result of reply.results) {
    const entry = catalogueEntry(result);
    known.set(bare(entry.lfn), entry);
  }
  return known;
}

const absent = 2;

function bare(lfn: string): string {
  return lfn === '/' ? lfn : lfn.replace(/\/+$/, '');
}
