import { openCatalog } from '../catalog/catalog.ts';
import { recordedSections } from '../catalog/state-folder.ts';
import { nameToBytes } from '../model/byte-name.ts';
import { baseOf } from '../model/relative-path.ts';
import type { Event, Found } from './events.ts';
import { globPattern, isGlob } from './glob.ts';
import { identityOf, type Project, sectionOf } from './project.ts';

/**
 * Every recorded member whose name fits, sorted by section and path, from the record alone. A pattern with `*`, `?` or `[` is a
 * glob: over the whole path if it has a slash, else over the last part; `**` crosses slashes. Any other is a substring of `SECTION/PATH`.
 */
export async function* find(
  project: Project,
  pattern: string,
  options: { readonly section?: string } = {},
): AsyncGenerator<Event> {
  const fits = matcher(pattern);
  const recorded = await recordedSections(project.state);
  const wanted = options.section === undefined ? recorded : [sectionOf(project, options.section).name];
  for (const section of wanted) {
    const catalog = await openCatalog(project.state, section, identityOf(project));
    const found: Found[] = [];
    for await (const [record, { key, members }] of catalog.manifests(catalog.archives.values())) {
      const fitting = members.filter((member) => member.type !== 'directory' && fits(section, member.path));
      if (fitting.length === 0) continue;
      const since = await catalog.sinceOf(record);
      for (const member of fitting)
        found.push({ section, archive: key, member, since: since.get(member.path) ?? record.recordedAt });
    }
    found.sort((a, b) => Buffer.compare(nameToBytes(a.member.path), nameToBytes(b.member.path)));
    for (const one of found) yield { kind: 'found', found: one };
  }
}

function matcher(pattern: string): (section: string, path: string) => boolean {
  if (!isGlob(pattern)) return (section, path) => path.includes(pattern) || `${section}/${path}`.includes(pattern);
  const glob = globPattern(pattern);
  if (!pattern.includes('/')) return (_, path) => glob.test(baseOf(path));
  return (section, path) => glob.test(path) || glob.test(`${section}/${path}`);
}
