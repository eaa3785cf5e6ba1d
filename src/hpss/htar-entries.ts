import { displayName } from '../model/byte-name.ts';
import { hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { htar } from './htar.ts';
import { patiently } from './patience.ts';

/** One line of the table of contents of an htar archive. */
export interface HtarEntry {
  readonly type: string;
  readonly permission: string;
  /** Marked as deleted in the index; its bytes are still there. */
  readonly deleted: boolean;
  readonly owner: string;
  readonly group: string;
  readonly bytes: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** `14:24` */
  readonly clock: string;
  /** A directory ends in a slash; a link may have ` -> TARGET` behind it. */
  readonly name: string;
}

const line =
  /^HTAR: ([a-zA-Z-])([-rwxsStT]{9})(?: (D))?\s+([^\s/]+)\/(.*?)\s+(\d+) (\d{4})-(\d\d)-(\d\d) (\d\d:\d\d(?::\d\d)?)\s{1,2}(.+)$/s;

/** The contents of an archive by its index. Throws `HpssOSError` if htar does not say that it was successful. */
export async function htarEntries(archive: string, options: HpssOptions = {}): Promise<readonly HtarEntry[]> {
  return patiently(options, async () => {
    const { stdout, stderr, status } = await htar(['-t', '-f', archive], options);
    if (status !== 0 || !/^HTAR: HTAR SUCCESSFUL$/m.test(stdout))
      throw hsiFailure(`cannot list the archive '${displayName(archive)}'`, `${stderr}${stdout}`, { status });
    return stdout.split('\n').flatMap((text) => htarEntry(text) ?? []);
  });
}

/** A line of `htar -t`, or undefined if it is none. */
export function htarEntry(text: string): HtarEntry | undefined {
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, type, permission, deleted, owner, group, bytes, year, month, day, clock, name] =
    match as unknown as string[];
  return {
    type: type!,
    permission: permission!,
    deleted: deleted !== undefined,
    owner: owner!,
    group: group!,
    bytes: Number(bytes),
    year: Number(year),
    month: Number(month),
    day: Number(day),
    clock: clock!,
    name: name!,
  };
}
