import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { isUnplaced, lacksPlace, locateMembers } from '../../pack/locate-members.ts';
import { type Project, signalOf } from '../project.ts';
import type { ArchiveWork } from './archive-work.ts';

/** The same work with the places of carried members: where the old archive's index does not tell them, its headers do. Throws `missing` for one that is not there. */
export async function placedWork(
  project: Project,
  work: ArchiveWork,
  options: { readonly signal?: AbortSignal },
): Promise<ArchiveWork> {
  const { held } = work;
  if (held === undefined || !isUnplaced(held)) return work;
  const source = {
    get: (range: { start: number; end: number }) => project.store.get(held.key, { ...signalOf(options), range }),
  };
  const located = await locateMembers(held, source);
  const members = new Map(located.members.map((member) => [member.path, member]));
  const carried = work.carried.map((member) => members.get(member.path) ?? member);
  const lost = carried.find(lacksPlace);
  if (lost !== undefined) {
    const what = `'${displayName(lost.path)}' is in the index of '${displayName(held.key)}' and not in the archive`;
    throw new StowageError('missing', what, { facts: { path: lost.path } });
  }
  return { ...work, held: located, carried };
}
