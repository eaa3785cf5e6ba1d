import { displayName } from '../model/byte-name.ts';
import { isComplaint } from './failure-text.ts';
import { unreadable } from './follow-links.ts';
import { HpssError, type HpssOSError, hsiFailure } from './hpss-error.ts';
import { HpssFile } from './hpss-file.ts';
import type { HpssOptions } from './hpss-options.ts';
import { type ListingLine, listingLine } from './listing-line.ts';

/** One directory of a listing, or what HPSS says of one that it does not list. */
export type ListedDirectory =
  | { readonly path: string; readonly files: readonly HpssFile[] }
  | { readonly path: string; readonly error: HpssOSError };

/**
 * Reads the lines of `ls -Da` or `ls -DaR`, a directory at a time. A complaint is yielded with the directory that it names. Throws for a line
 * that cannot be read: to leave it out would make a file, or all of a directory, vanish.
 */
export async function* listedDirectories(
  lines: AsyncIterable<string>,
  asked: string,
  options: HpssOptions,
): AsyncGenerator<ListedDirectory> {
  let path = asked;
  let files: HpssFile[] = [];
  let isOpen = false;
  for await (const text of lines) {
    const line = listingLine(text);
    if (line !== undefined) {
      files.push(hpssFile(path, line, text, options));
      isOpen = true;
    } else if (isComplaint(text)) {
      const error = hsiFailure(`cannot list '${displayName(asked)}'`, `${text}\n`);
      yield { path: namedPath(text) ?? asked, error };
    } else if (text.endsWith(':')) {
      if (isOpen) yield { path, files: withIndexes(files) };
      path = text.slice(0, -1);
      files = [];
      isOpen = true;
    } else if (text.trim() !== '') throw unreadable(path, text);
  }
  if (isOpen) yield { path, files: withIndexes(files) };
}

/** The file of a line. Throws for a line without a year: `-D` has one. */
export function hpssFile(path: string, line: ListingLine, text: string, options: HpssOptions): HpssFile {
  if (line.year === undefined) throw unreadable(path, text);
  const { type, permission, links, owner, group, bytes, weekDay, month, day, clock, year, name } = line;
  if (!Number.isSafeInteger(bytes)) throw new HpssError('unavailable', `a size that is none: '${displayName(text)}'`);
  return new HpssFile(
    [path, type, permission, links, owner, group, bytes, weekDay, month, day, clock, year, name],
    options,
    line,
  );
}

/** An archive of htar is one with its index beside it. */
function withIndexes(files: readonly HpssFile[]): readonly HpssFile[] {
  const names = new Set(files.map(({ name }) => name));
  for (const file of files) if (file.name.endsWith('.tar') && names.has(`${file.name}.idx`)) file.ishtar = true;
  return files;
}

/** hsi names the path last: `*** ls: Permission denied: HPSS_EACCES /home/x`. */
function namedPath(text: string): string | undefined {
  return /HPSS_E[A-Z]+ (\/.*)$/.exec(text)?.[1];
}
