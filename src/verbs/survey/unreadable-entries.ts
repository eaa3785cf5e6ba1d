import { accessSync, constants } from 'node:fs';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { isChanged } from '../../model/compare-members.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';

/**
 * The entries that would make an archive due and cannot be read, with the reasons: without this look a file that nobody can read would have the
 * archive made again in every run. The superuser need not ask; of an archive that is not there, what can be read is made in any case.
 */
export function unreadableEntries(
  entries: readonly Entry[],
  manifests: readonly Manifest[],
): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  if (manifests.length === 0 || process.getuid?.() === 0) return reasons;
  const members = new Map(
    manifests.flatMap((manifest) => manifest.members.map((member) => [member.path, { member, manifest }] as const)),
  );
  for (const entry of entries) {
    const known = members.get(entry.path);
    if (entry.type !== 'file' || (known !== undefined && !isChanged(entry, known.member, known.manifest))) continue;
    try {
      accessSync(fsPath(joinPath(entry.disk, entry.path)), constants.R_OK);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') reasons.set(entry.path, plainReason(error));
    }
  }
  return reasons;
}
