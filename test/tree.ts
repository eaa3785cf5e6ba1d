import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { fsPath, nameFromBytes } from '../src/model/byte-name.ts';
import { joinPath, parentOf } from '../src/model/relative-path.ts';

/** One thing of a generated tree; names are in memory form. */
export interface Grown {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'hard' | 'directory';
  readonly content: string;
  readonly target: string;
  readonly mode: number;
  /** Seconds, as text with a fraction: Node takes numbers below zero for now. */
  readonly time: string;
}

const oddNames = [
  'a',
  'b',
  'c.fits',
  'Ünï',
  '日本',
  'x y',
  '-rf',
  "it's",
  'new\nline',
  'end\n',
  'tab\t',
  '\udcff\udc80',
  'é\udce9',
  '\ufffd',
  '%41',
  '.hidden',
  '...',
  '*?[',
  'back\\slash',
  '"q"',
  '$HOME',
  'a'.repeat(120),
  'ü'.repeat(100),
  '__exclude__',
];
const name = fc.constantFrom(...oddNames);

/** Any tree below the folders `tops` ('' for the top itself): files, links, hard links, folders, odd names, modes and times. */
export function anyTree(tops: readonly string[], size = 12): fc.Arbitrary<readonly Grown[]> {
  const one = fc.record({
    top: fc.constantFrom(...tops),
    parts: fc.array(name, { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom('file', 'file', 'file', 'link', 'hard', 'directory'),
    content: fc.oneof(fc.constantFrom('', 'x', 'y'.repeat(512), 'z'.repeat(700)), fc.string({ maxLength: 20 })),
    target: fc.oneof(name, fc.constantFrom('../../..', '/nowhere/at all', './a', 'a//b/')),
    mode: fc.constantFrom(0o644, 0o600, 0o755, 0o444, 0o4755, 0o2750, 0o1777),
    time: fc.tuple(fc.integer({ min: -1_500_000_000, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999_999 })),
  });
  return fc.array(one, { maxLength: size }).map((all) => {
    const taken = new Map<string, string>();
    const grown: Grown[] = [];
    for (const { top, parts, kind, time, ...rest } of all) {
      // At the very top only names of one part: each folder there would need rules of its own.
      const path = joinPath(top, (top === '' ? parts.slice(0, 1) : parts).join('/'));
      const above: string[] = [];
      for (let at = parentOf(path); at !== ''; at = parentOf(at)) above.push(at);
      if (taken.has(path) || above.some((at) => (taken.get(at) ?? 'directory') !== 'directory')) continue;
      for (const at of above) taken.set(at, 'directory');
      taken.set(path, kind);
      grown.push({
        ...rest,
        path,
        kind: kind as Grown['kind'],
        time: `${time[0]}.${String(time[1]).padStart(6, '0')}`,
      });
    }
    return grown;
  });
}

/** Puts a generated tree on the disk; a hard link is a further name of the first file (or a file, if there is none). */
export function grow(root: string, tree: readonly Grown[]): void {
  const first = tree.find((one) => one.kind === 'file');
  const at = (path: string) => fsPath(joinPath(root, path));
  for (const one of [...tree].sort((a, b) => rank(a, first) - rank(b, first))) {
    mkdirSync(at(parentOf(one.path)), { recursive: true });
    if (one.kind === 'directory') mkdirSync(at(one.path), { recursive: true });
    else if (one.kind === 'link') symlinkSync(fsPath(one.target), at(one.path));
    else if (one.kind === 'hard' && first !== undefined) linkSync(at(first.path), at(one.path));
    else writeFileSync(at(one.path), one.content);
  }
  for (const one of [...tree].reverse()) {
    if (one.kind === 'file') chmodSync(at(one.path), one.mode);
    if (one.kind === 'directory') chmodSync(at(one.path), one.mode | 0o700);
    lutimesSync(at(one.path), one.time, one.time);
  }
}

function rank(one: Grown, first: Grown | undefined): number {
  return one === first ? 0 : 1;
}

/** What lies somewhere, as one can compare it. */
export interface Seen {
  readonly type: string;
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly target?: string;
  readonly sha256?: string;
  /** Device and inode of a file that has several names. */
  readonly shared?: string;
}

/** Everything below a folder, by path in memory form. */
export function lookAtTree(root: string): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  const walk = (folder: string) => {
    for (const bytes of readdirSync(fsPath(joinPath(root, folder)), { encoding: 'buffer' })) {
      const path = joinPath(folder, nameFromBytes(bytes));
      const local = fsPath(joinPath(root, path));
      const stats = lstatSync(local, { bigint: true });
      const { mtimeNs } = stats;
      const mode = Number(stats.mode) & 0o7777;
      if (stats.isDirectory()) {
        seen.set(path, { type: 'directory', mode, mtimeNs });
        walk(path);
      } else if (stats.isSymbolicLink()) {
        seen.set(path, { type: 'link', mode, mtimeNs, target: nameFromBytes(readlinkSync(local, 'buffer')) });
      } else {
        const sha256 = createHash('sha256').update(readFileSync(local)).digest('hex');
        const shared = stats.nlink > 1n ? { shared: `${stats.dev}:${stats.ino}` } : {};
        seen.set(path, { type: stats.isFile() ? 'file' : 'other', mode, mtimeNs, sha256, ...shared });
      }
    }
  };
  walk('');
  return seen;
}
