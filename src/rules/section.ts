import type { TextPosition } from './json-tree.ts';
import type { PythonPattern } from './python-pattern.ts';
import type { Template } from './template.ts';

/** From the paths of one directory to the name of an archive, or to none. At the position of its key in the file. */
export interface Rule extends TextPosition {
  /** The first part of the paths that it is for; `__top__` for paths of one part. */
  readonly directory: string;
  readonly pattern: string;
  readonly template: string;
  readonly compiled: PythonPattern;
  readonly replacement: Template;
  readonly kind: 'archive' | 'exclude' | 'automated';
}

/** A part of the tree with the rules for it. At the position of its key in the file. */
export interface Section extends TextPosition {
  /** Relative to the root; may have several parts. */
  readonly name: string;
  /** Exact paths, relative to the section. */
  readonly excluded: ReadonlySet<string>;
  /** In the order of the file, as are the rules. */
  readonly directories: ReadonlyMap<string, readonly Rule[]>;
}

/** The key at the top that tells editors which JSON Schema the file follows. */
export const schemaKey = '$schema';
/** The key of the settings. */
export const settingsKey = '__config__';
/** The key of a section's list of excluded paths. */
export const excludeKey = '__exclude__';
/** The entry of a section for the files that lie in no directory. */
export const topKey = '__top__';
