import { nameToBytes } from '../../model/byte-name.ts';
import { directoryOfArchive } from '../../rules/archive-directory.ts';
import { lineRow, pathOfLine } from '../../shards/listing-row.ts';
import { beyondLimits, type PackLimits, type PackMember } from '../../store/pack-limits.ts';

/** Who makes the tar, where the store could make it itself from the files; or why it cannot, so that we stream it. */
export type Packing = { readonly by: 'store' } | { readonly by: 'us'; readonly why: string };

/** What the choice goes by besides the members. */
export interface PackingContext {
  readonly roots: readonly string[];
  /** Of a store that packs. */
  readonly limits: PackLimits;
}

/** Who makes the tar that is planned. `lines` are gone through several times. Pure: when the archive is made, only what changed since can change the answer. */
export function packingOf(
  name: string,
  lines: Iterable<string>,
  carried: number,
  { roots, limits }: PackingContext,
): Packing {
  const why =
    roots.length > 1
      ? 'the section lies on several disks'
      : carried > 0
        ? `${carried} of its members come over from the archive that is replaced`
        : beyondLimits(membersOf(name, lines, roots), limits, nameToBytes);
  return why === undefined ? { by: 'store' } : { by: 'us', why };
}

/** The members as they would be packed: relative to the base that the archive's name stands for; of several names of one file the later ones are links to the first. */
function* membersOf(name: string, lines: Iterable<string>, roots: readonly string[]): Generator<PackMember> {
  const { base } = directoryOfArchive(name, { [Symbol.iterator]: () => pathsOf(lines) });
  const skipped = base === '' ? 0 : base.length + 1;
  const first = new Map<string, string>();
  for (const line of lines) {
    const row = lineRow(line, roots);
    if (!('type' in row) || (row.type !== 'file' && row.type !== 'link')) continue;
    const { path, type, bytes, target, sharedFile } = row;
    const shared = type === 'file' ? sharedFile : undefined;
    const hardLink = shared === undefined ? undefined : first.get(shared);
    if (shared !== undefined && hardLink === undefined) first.set(shared, path);
    yield {
      path: path.slice(skipped),
      type,
      bytes,
      ...(target === undefined ? {} : { target }),
      ...(hardLink === undefined ? {} : { hardLink }),
    };
  }
}

function* pathsOf(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield pathOfLine(line);
}
