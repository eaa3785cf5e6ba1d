import { StowageError } from '../errors.ts';
import { type NameInJson, nameFromJson, nameToJson } from './byte-name.ts';
import { timeFromText, timeToText } from './file-time.ts';
import type { Member, MemberType } from './manifest.ts';

/** A member as it stands in a journal or a report; the format is described in docs/formats/journal.md. */
export interface MemberInJson extends NameInJson {
  readonly type: MemberType;
  readonly bytes: number;
  readonly mtime: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly target?: NameInJson;
  readonly hardLink?: NameInJson;
  readonly sha256?: string;
  readonly offset?: number;
  readonly torn?: true;
}

/** The JSON form of a member. */
export function memberToJson(member: Member): MemberInJson {
  return {
    ...nameToJson(member.path),
    type: member.type,
    bytes: member.bytes,
    mtime: timeToText(member.mtimeNs),
    mode: member.mode.toString(8).padStart(4, '0'),
    uid: member.uid,
    gid: member.gid,
    ...(member.target === undefined ? {} : { target: nameToJson(member.target) }),
    ...(member.hardLink === undefined ? {} : { hardLink: nameToJson(member.hardLink) }),
    ...(member.sha256 === undefined ? {} : { sha256: member.sha256 }),
    ...(member.offset === undefined ? {} : { offset: member.offset }),
    ...(member.torn === undefined ? {} : { torn: true as const }),
  };
}

/** The member in its JSON form. Throws `corrupt` for anything that no `memberToJson` made. */
export function memberFromJson(json: MemberInJson): Member {
  const mtimeNs = typeof json.mtime === 'string' ? timeFromText(json.mtime) : undefined;
  const mode =
    typeof json.mode === 'string' && /^[0-7]{4,5}$/.test(json.mode) ? Number.parseInt(json.mode, 8) : undefined;
  const typeKnown = json.type === 'file' || json.type === 'link' || json.type === 'directory';
  if (
    mtimeNs === undefined ||
    mode === undefined ||
    !typeKnown ||
    typeof json.path !== 'string' ||
    !isCount(json.bytes)
  ) {
    throw new StowageError('corrupt', 'a line that should describe a member does not');
  }
  return {
    path: nameFromJson(json),
    type: json.type,
    bytes: json.bytes,
    mtimeNs,
    mode,
    uid: json.uid,
    gid: json.gid,
    ...(json.target === undefined ? {} : { target: nameFromJson(json.target) }),
    ...(json.hardLink === undefined ? {} : { hardLink: nameFromJson(json.hardLink) }),
    ...(json.sha256 === undefined ? {} : { sha256: json.sha256 }),
    ...(json.offset === undefined ? {} : { offset: json.offset }),
    ...(json.torn === undefined ? {} : { torn: true as const }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
