import type { Manifest, Member } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { isUnplaced, lacksPlace, locateMembers } from '../../pack/locate-members.ts';
import { type ReadMember, readMembers } from '../../pack/read-members.ts';
import { signalOf, type VerbOptions } from '../project.ts';
import { extractedMembers, isBetterExtracted } from './extracted-members.ts';
import { ownersFirst } from './owners-first.ts';
import type { RestoreWork } from './restore-work.ts';

/** What is to be brought back of one archive, and how its contents come. */
export interface ArchiveContents {
  /** Files, each with a content of its own. */
  readonly readable: readonly Member[];
  readonly links: readonly Member[];
  /** Further names of files. */
  readonly hardLinks: readonly Member[];
  /** Files that are not in the archive. */
  readonly lost: readonly Member[];
  /** `facts`: what is known of the member only now. */
  read(): AsyncIterable<ReadMember & { readonly facts?: Partial<Member> }>;
}

/** Looks where the contents of members lie, if nobody knows and the store does not take them out itself. `targets`: what is there already, by path. */
export async function archiveContents(
  work: RestoreWork,
  { key, manifest }: { readonly key: StoreKey; readonly manifest: Manifest },
  todo: readonly Member[],
  targets: ReadonlyMap<string, string>,
  options: VerbOptions,
): Promise<ArchiveContents> {
  const { project } = work;
  const links = todo.filter(({ type }) => type === 'link');
  const extracted = ownersFirst(todo, manifest.members, targets);
  if (await isBetterExtracted(project, key, manifest, extracted)) {
    const from = { key, manifest, aside: work.aside, ...signalOf(options) };
    return { ...extracted, links, lost: [], read: () => extractedMembers(project, from, extracted) };
  }
  const source = {
    get: (range: { start: number; end: number }) => project.store.get(key, { ...signalOf(options), range }),
  };
  let wanted = todo;
  let all = manifest.members;
  let lost: readonly Member[] = [];
  if (isUnplaced(manifest) && todo.some((member) => member.type === 'file')) {
    ({ members: all } = await locateMembers(manifest, source));
    const paths = new Set(todo.map((member) => member.path));
    const found = all.filter((member) => paths.has(member.path));
    lost = found.filter(lacksPlace);
    wanted = found.filter((member) => !lacksPlace(member));
  }
  const placed = ownersFirst(wanted, all, targets);
  return { ...placed, links, lost, read: () => readMembers(source, placed.readable) };
}
