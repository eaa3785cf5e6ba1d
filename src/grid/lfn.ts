/** Where relative names begin. Both end in `/`. */
export interface Here {
  readonly directory: string;
  readonly home: string;
}

/** True for a name that needs to know where home is before it can be sent. */
export function needsHome(text: string): boolean {
  const bare = withoutPrefix(text);
  return bare === '~' || bare.startsWith('~/') || bare.startsWith('%ALIEN');
}

/** True for a name that means a file on this machine. */
export function isLocalName(text: string): boolean {
  return /^file:/i.test(text);
}

/** The path on this machine that `file:PATH` or `file://PATH` means. */
export function localPath(text: string): string {
  return text.replace(/^(file:(\/\/(?=\/))?)+/i, '');
}

/** The name without `alien:` or `alien://` in front, however often it stands there. */
export function withoutPrefix(text: string): string {
  return text.replace(/^(alien:(\/\/)?)+/i, '');
}

/**
 * The absolute LFN for what a user typed: `%ALIEN` and `~` are home, `.` and `..` are taken away, what is relative begins in the working
 * directory. A `/` at the end stays.
 */
export function absoluteLfn(text: string, { directory, home }: Here): string {
  const bare = withoutPrefix(text).replace(/^(%ALIEN|~)(?=\/|$)/, home.replace(/\/$/, ''));
  return normalLfn(bare.startsWith('/') ? bare : `${directory}/${bare}`);
}

/** An absolute LFN without `.`, `..` and double slashes. A `/` at the end stays; what ends in `.` or `..` is a directory and gets one. */
export function normalLfn(lfn: string): string {
  const parts: string[] = [];
  const given = lfn.split('/');
  for (const part of given) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  if (parts.length === 0) return '/';
  return `/${parts.join('/')}${['', '.', '..'].includes(given.at(-1)!) ? '/' : ''}`;
}

/** The last part of an LFN. */
export function baseOfLfn(lfn: string): string {
  return lfn.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

/** The directory that an LFN lies in, with `/` at its end. */
export function directoryOfLfn(lfn: string): string {
  const bare = lfn.replace(/\/+$/, '');
  return bare.slice(0, bare.lastIndexOf('/') + 1);
}
