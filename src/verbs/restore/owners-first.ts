import type { Member } from '../../model/manifest.ts';

/** What is read, and the links that are made to it afterwards: a hard link whose content carrier is not restored with it carries the content itself; further names link to it. `contentPath` says under which path the archive has the content of one that is read. */
export function ownersFirst(todo: readonly Member[], all: readonly Member[], targets: ReadonlyMap<string, string>) {
  const owners = new Set([
    ...todo.filter((one) => one.hardLink === undefined).map((one) => one.path),
    ...targets.keys(),
  ]);
  const standIn = new Map<string, string>();
  const readable: Member[] = todo.filter((one) => one.type === 'file' && one.hardLink === undefined);
  const hardLinks: Member[] = [];
  for (const member of todo) {
    if (member.hardLink === undefined) continue;
    const owner = owners.has(member.hardLink) ? member.hardLink : standIn.get(member.hardLink);
    if (owner !== undefined) {
      hardLinks.push({ ...member, hardLink: owner });
      continue;
    }
    const { hardLink, ...file } = member;
    const offset = all.find((one) => one.path === hardLink)?.offset;
    standIn.set(hardLink, member.path);
    readable.push(offset === undefined ? file : { ...file, offset });
  }
  readable.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  const carriers = new Map([...standIn].map(([owner, path]) => [path, owner]));
  return { readable, hardLinks, contentPath: ({ path }: Member): string => carriers.get(path) ?? path };
}
