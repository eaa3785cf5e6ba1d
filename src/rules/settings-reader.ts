import { unsafePath } from '../model/relative-path.ts';
import { type DiscStoreSettings, readDiscSettings } from './disc-settings.ts';
import { type GridStoreSettings, readGridSettings } from './grid-settings.ts';
import { type HpssSettings, readHpssSettings } from './hpss-settings.ts';
import { exactInteger, type JsonMember, type JsonNode, lastMembers, type TextPosition } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import type { ProblemList } from './problem.ts';
import { settingsKey } from './section.ts';
import { nearestWord } from './suggestion.ts';

/** What `__config__` says. */
export interface Settings {
  /** Absolute, without trailing slashes. */
  readonly root: string;
  readonly hpssRoot: string | undefined;
  /** As written, without trailing slashes; none if all data lie below `root` itself. */
  readonly physicalDisks: readonly string[];
  /** A URL, `scheme:rest`, not resolved. */
  readonly store: string | undefined;
  /** How HPSS is reached. */
  readonly hpss: HpssSettings;
  readonly disc: DiscStoreSettings;
  readonly grid: GridStoreSettings;
  /** Where the file says so: `root`, and `physical_disks` if it has them. */
  readonly positions: { readonly root: TextPosition; readonly physicalDisks: TextPosition };
}

/** The keys that `__config__` may have. */
export const settingsKeys: readonly string[] = ['root', 'hpss_root', 'physical_disks', 'store', 'hpss', 'disc', 'grid'];

/** Reads the value of `__config__`; undefined, with errors in the list, if it lacks what it must have. */
export function readSettings(member: JsonMember, list: ProblemList): Settings | undefined {
  const { value } = member;
  if (value.kind !== 'object') {
    list.error(value, [settingsKey], `'${settingsKey}' must be an object, not ${typeName(value)}`);
    return undefined;
  }
  warnOfDuplicates(value.members, [settingsKey], list);
  const entries = lastMembers(value.members);
  for (const { key, ...at } of entries.values()) {
    if (settingsKeys.includes(key)) continue;
    const meant = nearestWord(key, settingsKeys);
    const suggestion = meant === undefined ? `known are ${settingsKeys.join(', ')}` : `did you mean '${meant}'?`;
    list.warning(at, [settingsKey, key], `unknown key '${key}'`, suggestion);
  }
  const root = readRoot(member, entries.get('root')?.value, list);
  const hpssRoot = readText('hpss_root', entries, list);
  const store = readText('store', entries, list);
  if (store !== undefined && !/^[a-z][a-z0-9+.-]*:./i.test(store)) {
    const at = entries.get('store')!.value;
    list.error(
      at,
      [settingsKey, 'store'],
      `'${store}' is not the URL of a store`,
      'write it as dir:/path/of/the/store',
    );
  }
  if (!entries.has('hpss_root') && !entries.has('store')) {
    list.error(
      member,
      [settingsKey],
      "neither 'store' nor 'hpss_root' says where the archives go",
      'add "store": "dir:/path/of/the/store"',
    );
  }
  const disks = entries.get('physical_disks');
  const physicalDisks = disks === undefined ? [] : readDisks(disks.value, list);
  const hpss = readHpssSettings(entries.get('hpss'), list);
  const disc = readDiscSettings(entries.get('disc'), list);
  const grid = readGridSettings(entries.get('grid'), list);
  if (root === undefined) return undefined;
  const positions = {
    root: positionOf(entries.get('root')!),
    physicalDisks: positionOf(disks ?? entries.get('root')!),
  };
  return { root, hpssRoot, physicalDisks, store, hpss, disc, grid, positions };
}

function readRoot(member: JsonMember, value: JsonNode | undefined, list: ProblemList): string | undefined {
  const keys = [settingsKey, 'root'];
  if (value === undefined)
    list.error(member, [settingsKey], `'${settingsKey}' has no 'root'`, 'add "root": "/path/of/the/tree"');
  else if (value.kind !== 'string') list.error(value, keys, `'root' must be a string, not ${typeName(value)}`);
  else if (!value.value.startsWith('/'))
    list.error(
      value,
      keys,
      `'root' must be an absolute path, not '${value.value}'`,
      `write all of it, from the first '/': "/path/of/${value.value.replace(/^(\.{0,2}\/)+/, '')}"`,
    );
  else if (value.value.includes('\0')) list.error(value, keys, "'root' holds a NUL");
  else return withoutTrailingSlashes(value.value);
  return undefined;
}

function readText(key: string, entries: ReadonlyMap<string, JsonMember>, list: ProblemList): string | undefined {
  const value = entries.get(key)?.value;
  if (value === undefined) return undefined;
  if (value.kind === 'string' && value.value !== '' && !value.value.includes('\0')) return value.value;
  const found = value.kind !== 'string' ? typeName(value) : value.value === '' ? 'empty' : 'with a NUL';
  list.error(value, [settingsKey, key], `'${key}' must be a string that says where, not ${found}`);
  return undefined;
}

/** Everything that Python takes as false means the root alone. */
function readDisks(value: JsonNode, list: ProblemList): readonly string[] {
  const keys = [settingsKey, 'physical_disks'];
  if (value.kind === 'null' || (value.kind === 'boolean' && !value.value)) return [];
  if (exactInteger(value) === 0n || (value.kind === 'string' && value.value === '')) return [];
  if (value.kind !== 'array') {
    const suggestion = value.kind === 'string' ? `put it in a list: ["${value.value}"]` : undefined;
    list.error(value, keys, `'physical_disks' must be a list of names, not ${typeName(value)}`, suggestion);
    return [];
  }
  return value.items.flatMap((item) => {
    if (item.kind !== 'string') {
      list.error(item, keys, `a disk must be a string, not ${typeName(item)}`);
      return [];
    }
    const disk = withoutTrailingSlashes(item.value);
    const problem = disk.startsWith('/') ? (disk.includes('\0') ? 'it holds a NUL' : undefined) : unsafePath(disk);
    if (problem !== undefined) list.error(item, keys, `'${item.value}' cannot be a disk: ${problem}`);
    return problem === undefined ? [disk] : [];
  });
}

function positionOf({ line, column }: TextPosition): TextPosition {
  return { line, column };
}

function withoutTrailingSlashes(path: string): string {
  return path.replace(/(.)\/+$/s, '$1');
}
