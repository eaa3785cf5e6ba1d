import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { isTemporaryName } from '../../durable/temporary-name.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { StowageError } from '../../errors.ts';
import { compareNames, displayName, type NameInJson, nameFromJson, nameToJson } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { type MemberInJson, memberFields, memberFromJson } from '../../model/manifest-json.ts';
import { parentOf } from '../../model/relative-path.ts';

/** What a peer gave on a day: every entry, with the digest of every file. docs/formats/staged.md describes the file. */
export interface StagedManifest {
  readonly peer: string;
  /** `YYYY/MM/DD`. */
  readonly day: string;
  /** ISO, UTC. */
  readonly stagedAt: string;
  readonly collectDir: string;
  /** Where the files lie. */
  readonly folder: string;
  /** True if the peer computed every digest too, from its own disk. */
  readonly provenByPeer: boolean;
  /** By path. What has gone from the peer since is still here, as it is still in the folder. */
  readonly members: ReadonlyMap<string, Member>;
}

interface Head {
  readonly format: 1;
  readonly peer: string;
  readonly day: string;
  readonly stagedAt: string;
  readonly collectDir: NameInJson;
  readonly folder: NameInJson;
  readonly provenByPeer: boolean;
  readonly members: number;
}

/** Where the manifests of a pool lie. */
export function manifestFolder(stateDir: string): string {
  return `${stateDir}/staged`;
}

/** Where that of a peer and a day lies. */
export function manifestPath(stateDir: string, day: string, peer: string): string {
  return `${manifestFolder(stateDir)}/${day}/${peer}.jsonl`;
}

/** Writes a manifest, whole and durable; an older one is replaced. */
export async function writeManifest(files: FileOperations, stateDir: string, manifest: StagedManifest): Promise<void> {
  const path = manifestPath(stateDir, manifest.day, manifest.peer);
  await makeFolder(files, parentOf(path));
  // What a killed run left half written; there is one run at a time.
  for (const name of await readdir(parentOf(path))) {
    if (isTemporaryName(name) && name.startsWith(`.${manifest.peer}.jsonl.`))
      await files.unlink(`${parentOf(path)}/${name}`);
  }
  const { peer, day, stagedAt, provenByPeer, members } = manifest;
  const head: Head = {
    ...{ format: 1, peer, day, stagedAt },
    collectDir: nameToJson(manifest.collectDir),
    folder: nameToJson(manifest.folder),
    provenByPeer,
    members: members.size,
  };
  const sorted = [...members.values()].sort((a, b) => compareNames(a.path, b.path));
  const lines = [JSON.stringify(head), ...sorted.map((member) => `{${memberFields(member)}}`), ''];
  await writeWhole(files, path, lines.join('\n'), { replace: true, mode: 0o600 });
}

/** Reads a manifest; undefined if there is none. Throws `corrupt` for one that is damaged. */
export async function readManifest(path: string): Promise<StagedManifest | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const [first, ...rest] = text.trimEnd().split('\n');
    const head = JSON.parse(first!) as Head;
    if (head.format !== 1 || head.members !== rest.length) throw new Error('it is not whole');
    const members = rest.map((line) => memberFromJson(JSON.parse(line) as MemberInJson));
    return {
      ...{ peer: head.peer, day: head.day, stagedAt: head.stagedAt, provenByPeer: head.provenByPeer },
      collectDir: nameFromJson(head.collectDir),
      folder: nameFromJson(head.folder),
      members: new Map(members.map((member) => [member.path, member])),
    };
  } catch (cause) {
    throw new StowageError('corrupt', `'${displayName(path)}' is damaged`, {
      hint: 'move it aside: the next staging of that day makes it anew',
      cause,
    });
  }
}
