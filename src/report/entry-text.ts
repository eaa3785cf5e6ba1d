import { displayName } from '../model/byte-name.ts';
import { timeForPeople } from '../model/file-time.ts';
import type { Member } from '../model/manifest.ts';
import type { ComparedUsage, Counted, ListedEntry } from '../verbs/search/search-event.ts';
import { countText, sizeText } from './quantities.ts';

const width = { size: 11, time: 20, mode: 10 } as const;

/** A line of `stowage ls`: the name, with a slash behind that of a directory; `long`: what `ls -l` would show, and the archive. */
export function entryText(entry: ListedEntry, long: boolean): string {
  const isDirectory = entry.kind === 'directory';
  const name = isDirectory ? `${displayName(entry.name)}/` : displayName(entry.name);
  if (!long) return name;
  const { member } = entry;
  const mode = (member === undefined ? 'd' : modeText(member)).padEnd(width.mode);
  const size = sizeText(isDirectory ? entry.bytes : entry.member.bytes).padStart(width.size);
  const time = (member === undefined ? '' : timeForPeople(member.mtimeNs)).padEnd(width.time);
  if (isDirectory) return `${mode} ${size}  ${time}  ${name}  ${countText(entry.files, 'file')}`;
  const link = entry.member.type === 'link' ? ` -> ${displayName(entry.member.target ?? '')}` : '';
  return `${mode} ${size}  ${time}  ${name}${link}  in ${displayName(entry.archive)} since ${entry.since}`;
}

/** A line of `stowage du`: what archives hold, and of what is on disk that which they do not, or not as it is. */
export function usageText({ path, disk, ...archived }: ComparedUsage): string {
  const where = path === '' ? '.' : displayName(path);
  if (disk === undefined) return `${amount(archived)}  ${where}`;
  const { changed, notArchived, unseen } = disk;
  const left = { files: notArchived.files + changed.files, bytes: notArchived.bytes + changed.bytes };
  const blind = unseen === 0 ? '' : `  ${countText(unseen, 'place')} not looked at`;
  return `${amount(archived)} archived  ${amount(left)} not archived or changed  ${where}${blind}`;
}

function amount({ files, bytes }: Counted): string {
  return `${sizeText(bytes).padStart(width.size)}  ${countText(files, 'file').padStart(16)}`;
}

const letters = { file: '-', link: 'l', directory: 'd' } as const;

/** As `ls -l` has it, without the bits beyond the nine. */
function modeText({ type, mode }: Member): string {
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-'));
  return letters[type] + bits.join('');
}
