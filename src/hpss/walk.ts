import { followLinks, linkedPath } from './follow-links.ts';
import type { HpssError } from './hpss-error.ts';
import type { HpssFile } from './hpss-file.ts';
import type { HpssOptions } from './hpss-options.ts';
import { listTree } from './list-tree.ts';

export interface WalkOptions extends HpssOptions {
  /** Directories before what is in them; true if not given. */
  readonly topdown?: boolean;
  /** Told of what cannot be listed, and the walk goes on; without it the walk ends with that error. */
  readonly onerror?: (error: HpssError) => void;
  /** Also walk through links that lead to directories; each directory once. False if not given. */
  readonly followlinks?: boolean;
}

/** One directory of a walk. */
export interface WalkedDirectory {
  readonly path: string;
  /** Directories, and links to directories. */
  readonly directories: readonly HpssFile[];
  readonly files: readonly HpssFile[];
}

/** Walks a directory tree on HPSS, in one session and one more for each round of links. */
export async function* walk(top: string, options: WalkOptions = {}): AsyncGenerator<WalkedDirectory> {
  const { topdown = true } = options;
  if (topdown) yield* downwards(top, options, new Set([top]));
  else {
    const all: WalkedDirectory[] = [];
    for await (const one of downwards(top, options, new Set([top]))) all.push(one);
    yield* all.reverse();
  }
}

async function* downwards(top: string, options: WalkOptions, walked: Set<string>): AsyncGenerator<WalkedDirectory> {
  const linked: string[] = [];
  for await (const one of listTree(top, options)) {
    if ('error' in one) {
      if (options.onerror === undefined) throw one.error;
      options.onerror(one.error);
      continue;
    }
    walked.add(one.path);
    const links = one.files.filter((file) => file.islink);
    const targets = await followLinks(
      links.map((file) => linkedPath(file.path, file.readlink)),
      options,
    );
    const toDirectory = new Map(
      links.flatMap((file, at) => (targets[at]?.line.type === 'd' ? [[file, targets[at]!.path] as const] : [])),
    );
    const isDirectory = (file: HpssFile) => file.rawType === 'd' || toDirectory.has(file);
    yield {
      path: one.path,
      directories: one.files.filter(isDirectory),
      files: one.files.filter((file) => !isDirectory(file)),
    };
    for (const [file, target] of toDirectory) {
      if (walked.has(`${target}@`) || `${file.path}/`.startsWith(`${target}/`)) continue;
      walked.add(`${target}@`);
      linked.push(file.path);
    }
  }
  if (options.followlinks !== true) return;
  for (const path of linked) yield* downwards(path, options, walked);
}
