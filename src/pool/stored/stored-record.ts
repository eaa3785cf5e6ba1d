import { makeFolder } from '../../durable/folder.ts';
import { namesIfThere } from '../../durable/names-if-there.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { isTemporaryName } from '../../durable/temporary-name.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { StowageError } from '../../errors.ts';
import { compareNames, displayName, type NameInJson } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { type MemberInJson, memberFields, memberFromJson } from '../../model/manifest-json.ts';
import type { ArchivesPlace } from '../archives/day-archives.ts';
import { dayFolders } from '../day-folders.ts';
import type { PoolRun } from '../pool-run.ts';
import { stagedDigests } from './staged-digests.ts';

/** That what lay in a day was stored, and where: written once it was seen to be there. docs/formats/stored.md describes the file. */
export interface StoredRecord {
  /** `YYYY/MM/DD`. */
  readonly day: string;
  /** ISO, UTC. */
  readonly storedAt: string;
  /** The action that did it: `store`, `rebuild`, `amazons3`. */
  readonly by: string;
  /** Where it is, for people: the label and device of a disc, or `s3://…`. */
  readonly place: string;
  /** Of a disc: which one it is, and where it was written. */
  readonly disc?: StoredDisc;
  /** Of archives in a store: which ones. */
  readonly archives?: StoredArchives;
  /** What was stored, by its path in the day's directory, with the digest where one is known. */
  readonly members: ReadonlyMap<string, Member>;
}

/** Which disc something is on, wherever that lies now. */
export interface StoredDisc {
  /** What it was begun with: what stands on its sleeve. */
  readonly label: string;
  /** When it was begun, as its first session says. */
  readonly begun: string;
  /** The drive or the image. */
  readonly target: NameInJson;
  /** True if the day is spread over several. */
  readonly span?: true;
}

/** The archives that something is in. */
export interface StoredArchives extends ArchivesPlace {
  /** The store as it calls itself. */
  readonly location: string;
}

interface Head {
  readonly format: 1;
  readonly day: string;
  readonly storedAt: string;
  readonly by: string;
  readonly place: string;
  readonly disc?: StoredDisc;
  readonly archives?: StoredArchives;
  readonly members: number;
}

/** What was stored: `members` as `dayContents` found them before they were stored, and hex SHA-256 by the same paths where they are known; else those of the staging count. */
export interface StoredNow extends Pick<StoredRecord, 'day' | 'by' | 'place' | 'disc' | 'archives' | 'members'> {
  readonly digests?: ReadonlyMap<string, string>;
}

/**
 * Records, durably, that a day was stored. To be called when that was checked, and before the day's indicator is written. A day may be stored more than
 * once: each has a record of its own.
 */
export async function recordStored(
  run: Pick<PoolRun, 'files' | 'stateDir' | 'clock'>,
  stored: StoredNow,
): Promise<void> {
  const { day, by, place, disc, archives, digests } = stored;
  const folder = recordFolder(run.stateDir, day);
  const storedAt = run.clock.now().toISOString();
  const head: Head = {
    ...{ format: 1, day, storedAt, by, place },
    ...(disc === undefined ? {} : { disc }),
    ...(archives === undefined ? {} : { archives }),
    members: stored.members.size,
  };
  const known = await stagedDigests(run.stateDir, day, stored.members);
  const lines = [JSON.stringify(head)];
  for (const member of [...stored.members.values()].sort((one, other) => compareNames(one.path, other.path))) {
    const sha256 =
      member.type === 'file' ? (digests?.get(member.path) ?? member.sha256 ?? known.get(member.path)) : undefined;
    lines.push(`{${memberFields(sha256 === undefined ? member : { ...member, sha256 })}}`);
  }
  const text = `${lines.join('\n')}\n`;
  await makeFolder(run.files, folder);
  const taken = new Set(await namesIfThere(folder));
  // What a killed run left half written.
  for (const name of taken) if (isTemporaryName(name)) await run.files.unlink(`${folder}/${name}`);
  const begin = storedAt.replace(/[-:.]/g, '');
  let number = 1;
  while (taken.has(`${begin}-${number}.jsonl`)) number += 1;
  await writeWhole(run.files, `${folder}/${begin}-${number}.jsonl`, text, { replace: false, mode: 0o600 });
}

/** The days of which there are records, the newest first. */
export async function storedDays(stateDir: string): Promise<readonly string[]> {
  return [...(await dayFolders(`${stateDir}/stored`))].reverse();
}

/** The records of a day, the oldest first; none if it was never stored by us. Throws `corrupt` for one that is damaged. */
export async function storedRecords(stateDir: string, day: string): Promise<readonly StoredRecord[]> {
  const folder = recordFolder(stateDir, day);
  const found: StoredRecord[] = [];
  for (const name of [...(await namesIfThere(folder))].sort()) {
    if (isTemporaryName(name) || !name.endsWith('.jsonl')) continue;
    const text = await readIfThere(`${folder}/${name}`);
    if (text !== undefined) found.push(parse(text, `${folder}/${name}`));
  }
  return found;
}

function recordFolder(stateDir: string, day: string): string {
  return `${stateDir}/stored/${day}`;
}

function parse(text: string, path: string): StoredRecord {
  try {
    const [first, ...rest] = text.trimEnd().split('\n');
    const { format, members: count, ...facts } = JSON.parse(first!) as Head;
    if (format !== 1 || count !== rest.length) throw new Error('it is not whole');
    const members = rest.map((line) => memberFromJson(JSON.parse(line) as MemberInJson));
    return { ...facts, members: new Map(members.map((member) => [member.path, member])) };
  } catch (cause) {
    throw new StowageError('corrupt', `'${displayName(path)}' is damaged`, {
      hint: 'move it aside: what it says was stored counts as not stored then',
      cause,
    });
  }
}
