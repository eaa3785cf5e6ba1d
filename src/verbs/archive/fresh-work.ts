import { accessSync, constants } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import type { ManifestHead } from '../../model/manifest.ts';
import { ownText } from '../../model/own-text.ts';
import { joinPath, parentOf } from '../../model/relative-path.ts';
import { letterOfLine, pathOfLine, rowLine } from '../../shards/listing-row.ts';
import type { ArchiveWork } from './archive-work.ts';
import { directoryItems } from './carried-directories.ts';
import { lineEntry } from './line-item.ts';

/** What was just scanned, and can be packed as the lines say: what changed since, the packer notices. */
export interface FreshWork {
  /** The directories that go with it, as lines, sorted by path; none with a plain object. */
  readonly directories: readonly string[];
}

const ourUser = String(process.geteuid?.());
const ourGroups = new Set([process.getegid?.(), ...(process.getgroups?.() ?? [])].map(String));

/**
 * Goes through the lines once. Undefined if something must be looked at again before anything is written: a file that may not be for us to read, one
 * of which the listing does not say who owns it, or members that come over from another archive.
 */
export function freshWork(
  format: ManifestHead['format'],
  work: ArchiveWork,
  roots: readonly string[],
): FreshWork | undefined {
  if (work.carried.length > 0) return undefined;
  const members: { readonly path: string; readonly disk: string }[] = [];
  let lastParent: string | undefined;
  let lastDisk = '';
  for (const line of work.lines) {
    const pathEnd = line.indexOf(',');
    const disk = line.slice(pathEnd + 1, line.indexOf(',', pathEnd + 1));
    if (!isReadable(line, roots)) return undefined;
    const path = pathOfLine(line);
    const parent = parentOf(path);
    if (parent === lastParent && disk === lastDisk) continue;
    members.push({ path: ownText(path), disk: roots[Number(disk)]! });
    lastParent = parent;
    lastDisk = disk;
  }
  if (format === 'plain') return { directories: [] };
  const items = directoryItems(members, { ...work, roots });
  const directories = items
    .map(({ member }) => ({ path: member.path, line: rowLine({ ...member, disk: '' }, 0).slice(0, -1) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { directories: directories.map((one) => one.line) };
}

/** Asking is a call per file; mostly the listing knows the answer. */
function isReadable(line: string, roots: readonly string[]): boolean {
  let mode = -1;
  for (let field = 0; field < 5; field += 1) mode = line.indexOf(',', mode + 1);
  const user = line.indexOf(',', mode + 1);
  const group = line.indexOf(',', user + 1);
  const end = line.indexOf(',', group + 1);
  if (group === user + 1 || end === group + 1) return false;
  if (ourUser === '0' || letterOfLine(line) !== 'f') return true;
  const bits = Number.parseInt(line.slice(mode + 1, user), 8);
  const ours = line.slice(user + 1, group) === ourUser;
  const allowed = ours ? 0o400 : ourGroups.has(line.slice(group + 1, end)) ? 0o040 : 0o004;
  if ((bits & allowed) !== 0) return true;
  const { disk, path } = lineEntry(line, roots);
  try {
    accessSync(fsPath(joinPath(disk, path)), constants.R_OK);
    return true;
  } catch {
    // Why, and what then, is for the second look to say.
    return false;
  }
}
