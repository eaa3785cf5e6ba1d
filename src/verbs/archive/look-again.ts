import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { RefusalReason } from '../../plan/finding.ts';
import { entryOf } from '../../scan/entry-of.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';

/** Asking is a call per file, and the superuser knows the answer. */
const mayReadAll = process.getuid?.() === 0;

/** What an entry of a plan is now, or why it cannot be archived. `unreadable` has what was found to be so while it was read: path → reason. */
export function lookAgain(
  planned: Entry,
  { format, key }: Pick<PlannedArchive, 'format' | 'key'>,
  unreadable: ReadonlyMap<string, string>,
): { readonly entry: Entry } | { readonly refused: RefusalReason } {
  const known = unreadable.get(planned.path);
  if (known !== undefined) return { refused: { kind: 'unreadable', reason: known } };
  const path = fsPath(joinPath(planned.disk, planned.path));
  try {
    const entry = entryOf(planned.disk, planned.path, lstatSync(path, { bigint: true }));
    if (entry?.type === 'file') {
      if (!mayReadAll) accessSync(path, constants.R_OK);
      return { entry };
    }
    if (entry?.type === 'link' && format === 'plain') return { refused: { kind: 'link-as-plain', archive: key } };
    if (entry?.type === 'link') return { entry: { ...entry, target: nameFromBytes(readlinkSync(path, 'buffer')) } };
    return { refused: { kind: 'special', type: entry?.type ?? 'file' } };
  } catch (error) {
    const kind = systemCode(error) === 'ENOENT' ? 'vanished' : 'unreadable';
    return { refused: { kind, reason: plainReason(error) } };
  }
}
