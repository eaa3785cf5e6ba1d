import { ownPrefix } from '../../model/store-key.ts';
import { keyPrefix, type Project } from '../project.ts';

/** What the names of archives begin with that a section must not make: those of sections nested in it (`a` and `a/b`), and ours. */
export function nestedNames(project: Project, section: string): readonly string[] {
  const prefix = keyPrefix(section);
  const others = [...project.configuration.sections.keys()].filter((one) => one !== section).map(keyPrefix);
  return [...others, ownPrefix].flatMap((one) =>
    one.startsWith(prefix) ? [one.slice(prefix.length)] : prefix.startsWith(ownPrefix) && one === ownPrefix ? [''] : [],
  );
}

/** True for the names that are the section's own. */
export function nameOwner(nested: readonly string[]): (archive: string) => boolean {
  return nested.length === 0 ? () => true : (archive) => !nested.some((one) => archive.startsWith(one));
}
