import { StowageError } from '../errors.ts';
import { nameFromRaw } from '../model/byte-name.ts';
import { percentDecode } from '../model/percent.ts';
import { badEntry, type ListedEntry, type ListReader, listedType } from './listed-entry.ts';

// IBM Storage Scale, "File list format": InodeNumber GenNumber SnapId [OptionalShowArgs] -- FullPathToFile. ESCAPE '%' encodes the arguments, too.
const line = /^(\d+) +(\d+) +(\d+) +(.*?) +-- (\/.*)$/s;
const shown =
  /^(\d{1,20}) ([-dlpscb])([rwx-]{2}[-xsS][rwx-]{2}[-xsS][rwx-]{2}[-xtT])\S* (\d{1,10}) (\d{1,10}) (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/;

/**
 * The lines of a policy's list, with the attributes that docs/formats/listing.md tells to SHOW: size, mode, user, group, time of
 * change in UTC. Paths are absolute. Where links point is not in it.
 */
export const readGpfsList: ListReader = async function* (chunks) {
  let rest = '';
  let number = 0;
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop()!;
    yield lines.map((text) => {
      number += 1;
      return entryFrom(number, text);
    });
  }
  if (rest === '' && number > 0) return;
  throw new StowageError('corrupt', `the list ends in the middle of line ${number + 1}`, {
    hint: 'make it again, and see that mmapplypolicy ends with 0',
  });
};

function entryFrom(number: number, text: string): ListedEntry {
  const found = line.exec(text);
  if (found === null) throw badEntry(number, 'it is no line of a policy list', text);
  const [, , , , attributes, path] = found as unknown as readonly string[];
  const parts = shown.exec(decoded(number, attributes!));
  if (parts === null) throw badEntry(number, 'it does not show size, mode, user, group and time', text);
  const [, size, letter, permissions, uid, gid, day, time, fraction] = parts as unknown as readonly string[];
  const milliseconds = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(milliseconds)) throw badEntry(number, 'it shows no time', text);
  const type = listedType(letter!)!;
  return {
    path: decoded(number, path!),
    type,
    bytes: type === 'file' ? Number(size) : 0,
    mtimeNs: BigInt(milliseconds) * 1_000_000n + BigInt((fraction ?? '').padEnd(9, '0')),
    mode: modeOf(permissions!),
    uid: Number(uid),
    gid: Number(gid),
  };
}

function decoded(number: number, raw: string): string {
  try {
    return percentDecode(nameFromRaw(raw));
  } catch {
    throw badEntry(number, "a '%' is not followed by two hex digits; the list must be made with ESCAPE '%'", raw);
  }
}

/** The twelve bits of what `ls -l` writes behind the type. */
function modeOf(text: string): number {
  let mode = 0;
  for (const [at, letter] of [...text].entries()) {
    if (/[rwxst]/.test(letter)) mode |= 0o400 >> at;
    if (/[sStT]/.test(letter)) mode |= at === 2 ? 0o4000 : at === 5 ? 0o2000 : 0o1000;
  }
  return mode;
}
