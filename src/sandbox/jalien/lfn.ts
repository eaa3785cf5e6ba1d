/** An LFN in its one form: absolute, no `.` or `..`, no slash at its end but of the root. */
export function absolute(given: string, cwd: string, home: string): string {
  const based = given === '~' || given.startsWith('~/') ? `${home}/${given.slice(2)}` : given;
  const whole = based.startsWith('/') ? based : `${cwd}/${based}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** `/` of the root, else the path with a slash behind it, as directories are written. */
export function withSlash(path: string): string {
  return path === '/' ? path : `${path}/`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

/** True if a name has a wildcard of the catalogue in it. */
export function isPattern(text: string): boolean {
  return /[*?[\]]/.test(text);
}

/** `*`, `?` and `[…]` against a whole name; `%` is an ordinary character. */
export function globMatcher(pattern: string, across = false): (name: string) => boolean {
  const any = across ? '[\\s\\S]' : '[^/]';
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]!;
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') source += `${any}*`;
    else if (character === '?') source += any;
    else if (close > 0) {
      source += `[${pattern
        .slice(at + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      at = close;
    } else source += character.replace(/[.+^${}()|\\[\]]/, '\\$&');
  }
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}

/** Code units, as Java sorts. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
