const slash = 0x2f;
const dot = 0x2e;

/** True if a part is empty or begins with a dot, or if there is a NUL. */
function isSuspicious(path: string): boolean {
  let before = slash;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    if (code === 0 || (before === slash && (code === slash || code === dot))) return true;
    before = code;
  }
  return before === slash;
}

/**
 * Why a path cannot be used below a root, or undefined if it can: it must be relative, name something, and have no part that
 * is empty, `.` or `..`, and no NUL. Everything else is a legal name.
 */
export function unsafePath(path: string): string | undefined {
  // Every path of every run comes through here: one look for anything suspicious, and the reason only if there is one.
  if (!isSuspicious(path)) return undefined;
  if (path === '') return 'it is empty';
  if (path.startsWith('/')) return 'it is absolute';
  if (path.includes('\0')) return 'it holds a NUL';
  for (const part of path.split('/')) {
    if (part === '') return 'a part of it is empty';
    if (part === '.' || part === '..') return `it has a part '${part}'`;
  }
  return undefined;
}

/** The directory part of a relative path; '' for a name without one. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last part of a path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Two relative paths as one; '' is the root itself. */
export function joinPath(directory: string, name: string): string {
  if (directory === '') return name;
  return name === '' ? directory : `${directory}/${name}`;
}

/** True if `path` is `directory` or lies below it; everything lies below ''. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}

/** The deepest directory that holds all these paths, which are not directories themselves; '' if that is the root. */
export function commonDirectory(paths: Iterable<string>): string {
  let common: string | undefined;
  for (const path of paths) {
    const directory = parentOf(path);
    if (common === undefined) common = directory;
    while (!isWithin(directory, common)) common = parentOf(common);
    if (common === '') return '';
  }
  return common ?? '';
}

/** Every directory above `path` and strictly below `root`, outermost first; `root` must hold `path`. */
export function directoriesBetween(root: string, path: string): readonly string[] {
  const found: string[] = [];
  for (let at = parentOf(path); at !== root && at !== ''; at = parentOf(at)) found.push(at);
  return found.reverse();
}
