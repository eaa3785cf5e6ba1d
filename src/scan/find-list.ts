import { StowageError } from '../errors.ts';
import { nameFromRaw } from '../model/byte-name.ts';
import { unknownOwner } from '../model/entry.ts';
import { timeFromText } from '../model/file-time.ts';
import { badEntry, type ListedEntry, type ListReader, listedType } from './listed-entry.ts';

const fields = 6;

/** What `find ROOT -printf '%P\0%s\0%T@\0%m\0%y\0%l\0'` prints: six fields for each entry, each ended by a NUL. The root itself is left out. */
export const readFindList: ListReader = async function* (chunks) {
  let parts: string[] = [];
  let rest = '';
  let number = 0;
  for await (const chunk of chunks) {
    const found = (rest + Buffer.from(chunk).toString('latin1')).split('\0');
    rest = found.pop()!;
    parts = parts.length === 0 ? found : [...parts, ...found];
    const batch: ListedEntry[] = [];
    let at = 0;
    for (; at + fields <= parts.length; at += fields) {
      number += 1;
      const entry = entryFrom(number, parts.slice(at, at + fields));
      if (entry !== undefined) batch.push(entry);
    }
    parts = parts.slice(at);
    yield batch;
  }
  if (parts.length === 0 && rest === '' && number > 0) return;
  throw new StowageError('corrupt', `the list ends in the middle of entry ${number + 1}`, {
    hint: "make it again, and see that find ends with 0: find ROOT -printf '%P\\0%s\\0%T@\\0%m\\0%y\\0%l\\0'",
  });
};

/** GNU find (seen with 4.9.0) writes the whole seconds, rounded down, and the fraction above them: `-2.5` for a second and a half before 1970. */
function findTime(text: string): bigint | undefined {
  const [seconds, fraction] = text.split('.') as [string, string | undefined];
  const whole = timeFromText(seconds);
  const above = fraction === undefined ? 0n : timeFromText(`0.${fraction}`);
  return whole === undefined || above === undefined ? undefined : whole + above;
}

function entryFrom(number: number, parts: readonly string[]): ListedEntry | undefined {
  const [path, size, time, mode, letter, target] = parts as [string, string, string, string, string, string];
  const type = listedType(letter);
  const mtimeNs = findTime(time);
  const bad = (what: string) => badEntry(number, what, parts.join(' '));
  if (type === undefined || letter === '-') throw bad('the fifth field is no type of find');
  if (!/^\d{1,20}$/.test(size)) throw bad('the second field is no size');
  if (mtimeNs === undefined) throw bad('the third field is no time');
  if (!/^[0-7]{1,4}$/.test(mode)) throw bad('the fourth field is no mode');
  if ((type === 'link') !== (target !== '')) throw bad('only links have a target, and every link has one');
  if (path === '') {
    if (type === 'directory' && number === 1) return undefined;
    throw bad('the path is empty');
  }
  return {
    path: nameFromRaw(path),
    type,
    bytes: type === 'file' ? Number(size) : 0,
    mtimeNs,
    mode: Number.parseInt(mode, 8),
    uid: unknownOwner,
    gid: unknownOwner,
    ...(type === 'link' ? { target: nameFromRaw(target) } : {}),
  };
}
