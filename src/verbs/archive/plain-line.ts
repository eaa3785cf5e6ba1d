import { sealed } from '../../catalog/journal-line.ts';
import type { PlainFile, StreamedPlain } from '../../pack/plain-file.ts';
import { smallBytes } from '../../pack/small-file.ts';
import { nameLimit } from '../../pack/tar-header.ts';

/**
 * A line of a listing of a plain file, as nearly all are: small, with one short ASCII name, a time of this era and an owner that fits a tar header. What it
 * says goes from text to text: with 50,000 such files a second, what entries and members are made of would cost as much as reading the files.
 */
export interface PlainLine {
  readonly file: PlainFile;
  /** What its journal line says, but for what is found when it is read. */
  readonly fields: string;
}

const comma = 0x2c;
const percent = 0x25;
const backslash = 0x5c;

/** The plain file of a line; undefined for any other. `roots`: the section's, or undefined for one whose name is not plain text. */
export function plainLine(line: string, roots: readonly (string | undefined)[]): PlainLine | undefined {
  let end = 0;
  for (let code = line.charCodeAt(0); code !== comma; code = line.charCodeAt(end)) {
    // What is escaped here, or would be in JSON, is for the usual way; so is the end of a line that is none.
    if (!(code >= 0x20 && code <= 0x7e) || code === percent || code === backslash) return undefined;
    end += 1;
  }
  const disk = line.indexOf(',', end + 1);
  const size = disk + 3;
  const time = line.indexOf(',', size) + 1;
  const mode = line.indexOf(',', time) + 1;
  const user = line.indexOf(',', mode) + 1;
  const group = line.indexOf(',', user) + 1;
  const last = line.indexOf(',', group);
  if (end > nameLimit || line[disk + 1] !== 'f' || last < 0 || line.length !== last + 3) return undefined;
  // Nineteen digits: ten of seconds, which begin so that eleven octal ones hold them; six digits of an owner always fit.
  const first = line.charCodeAt(time);
  if (mode - time !== 20 || first < 0x31 || first > 0x37) return undefined;
  const owned = group - user >= 2 && group - user <= 7 && last - group >= 1 && last - group <= 6;
  const root = roots[Number(line.slice(end + 1, disk))];
  const bytesText = line.slice(size, time - 1);
  const bytes = Number(bytesText);
  if (!owned || root === undefined || user - mode < 2 || bytes > smallBytes) return undefined;
  const path = line.slice(0, end);
  const seconds = line.slice(time, time + 10);
  const nanoseconds = line.slice(time + 10, mode - 1);
  const modeText = line.slice(mode, user - 1);
  const uid = line.slice(user, group - 1);
  const gid = line.slice(group, last);
  return {
    file: {
      path,
      from: `${root}/${path}`,
      bytes,
      seconds: Number(seconds),
      nanoseconds: Number(nanoseconds),
      mode: Number.parseInt(modeText, 8),
      uid: Number(uid),
      gid: Number(gid),
    },
    fields: `{"kind":"member","path":"${path}","type":"file","bytes":${bytesText},"mtime":"${seconds}.${nanoseconds}","mode":"${modeText.padStart(4, '0')}","uid":${uid},"gid":${gid}`,
  };
}

/** The journal line of a plain file that was read: as `memberLine` writes it. */
export function plainMemberLine({ fields }: PlainLine, { sha256, offset }: StreamedPlain): string {
  return sealed(`${fields},"sha256":"${sha256}","offset":${offset}`);
}
