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

/** The JSON form of a member. Fields come in a fixed order. */
export function memberToJson(member: Member): MemberInJson {
  // Assigned one by one: spreading optional parts takes longer than all the rest of a member's journal line.
  const json: { -readonly [field in keyof MemberInJson]: MemberInJson[field] } = {
    ...nameToJson(member.path),
    type: member.type,
    bytes: member.bytes,
    mtime: timeToText(member.mtimeNs),
    mode: modeText(member.mode),
    uid: member.uid,
    gid: member.gid,
  };
  if (member.target !== undefined) json.target = nameToJson(member.target);
  if (member.hardLink !== undefined) json.hardLink = nameToJson(member.hardLink);
  if (member.sha256 !== undefined) json.sha256 = member.sha256;
  if (member.offset !== undefined) json.offset = member.offset;
  if (member.torn !== undefined) json.torn = true;
  return json;
}

/**
 * The fields of a member as JSON text without the braces: what `JSON.stringify` makes of `memberToJson`, in a third of the
 * time. Archives have millions of members, and each becomes a journal line.
 */
export function memberFields(member: Member): string {
  const { path, pathBase64 } = nameToJson(member.path);
  let text = `"path":${JSON.stringify(path)}`;
  if (pathBase64 !== undefined) text += `,"pathBase64":"${pathBase64}"`;
  text += `,"type":"${member.type}","bytes":${member.bytes},"mtime":"${timeToText(member.mtimeNs)}"`;
  text += `,"mode":"${modeText(member.mode)}","uid":${member.uid},"gid":${member.gid}`;
  if (member.target !== undefined) text += `,"target":${JSON.stringify(nameToJson(member.target))}`;
  if (member.hardLink !== undefined) text += `,"hardLink":${JSON.stringify(nameToJson(member.hardLink))}`;
  if (member.sha256 !== undefined) text += `,"sha256":"${member.sha256}"`;
  if (member.offset !== undefined) text += `,"offset":${member.offset}`;
  if (member.torn !== undefined) text += ',"torn":true';
  return text;
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
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
  const member: { -readonly [field in keyof Member]: Member[field] } = {
    path: nameFromJson(json),
    type: json.type,
    bytes: json.bytes,
    mtimeNs,
    mode,
    uid: json.uid,
    gid: json.gid,
  };
  if (json.target !== undefined) member.target = nameFromJson(json.target);
  if (json.hardLink !== undefined) member.hardLink = nameFromJson(json.hardLink);
  if (json.sha256 !== undefined) member.sha256 = json.sha256;
  if (json.offset !== undefined) member.offset = json.offset;
  if (json.torn !== undefined) member.torn = true;
  return member;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
