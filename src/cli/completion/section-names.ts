import { readFile, stat } from 'node:fs/promises';
import { fsPath, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import { schemaKey, settingsKey } from '../../rules/section.ts';

const nothing = new Uint8Array();
const mostBytes = 16 * 2 ** 20;

/**
 * The sections of a configuration, one a line, for a shell that completes: fast, and without a word where something is wrong, since the
 * user is still typing. Names with a line break are left out.
 */
export async function sectionNames(path: string): Promise<Uint8Array> {
  try {
    // A pipe or device could be waited for in vain.
    const stats = await stat(fsPath(path));
    if (!stats.isFile() || stats.size > mostBytes) return nothing;
    const value: unknown = JSON.parse(nameFromBytes(await readFile(fsPath(path))));
    if (typeof value !== 'object' || value === null) return nothing;
    const names = Object.keys(value).filter(
      (name) => name !== settingsKey && name !== schemaKey && !/[\r\n\0]/.test(name),
    );
    return nameToBytes(names.map((name) => `${name}\n`).join(''));
  } catch {
    return nothing;
  }
}
