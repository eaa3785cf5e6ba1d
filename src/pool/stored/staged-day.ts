import { namesIfThere } from '../../durable/names-if-there.ts';
import { isTemporaryName } from '../../durable/temporary-name.ts';
import { StowageError } from '../../errors.ts';
import type { Member } from '../../model/manifest.ts';
import { indicators, indicatorTime } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { manifestFolder, manifestPath, readManifest } from '../staging/staged-manifest.ts';
import { dayContents } from './day-contents.ts';

/** A day that is to be stored, as it lies in the staging directory. */
export interface StagedDay {
  /** `YYYY/MM/DD`: where it goes on a disc, and in a store. */
  readonly day: string;
  readonly folder: string;
  /** When `cback.stage` was written, as it was seen before the day was looked at. */
  readonly stagedNs: bigint;
  /** Its files and links, by path in the folder; with the digest that was recorded when they were staged, where they are the same still. */
  readonly members: ReadonlyMap<string, Member>;
  /** What was staged and is another one now, or is not there any more. */
  readonly changed: readonly string[];
}

/** Looks at a staged day. Throws `missing` if it is not staged, `corrupt` where the record of its staging is damaged. */
export async function stagedDay(run: PoolRun, day: string, folder: string): Promise<StagedDay> {
  const stagedNs = await indicatorTime(run.files, folder, indicators.stage);
  if (stagedNs === undefined) throw new StowageError('missing', `the day ${day} is not staged`);
  const found = dayContents(folder);
  const staged = await stagedMembers(run.stateDir, day);
  const members = new Map<string, Member>();
  const changed: string[] = [];
  for (const [path, member] of found) {
    const then = staged.get(path);
    const isSame = then !== undefined && then.type === member.type && then.bytes === member.bytes;
    // Times are set to the microsecond.
    const isUntouched = isSame && then.mtimeNs / 1000n === member.mtimeNs / 1000n && then.target === member.target;
    if (isUntouched && then.sha256 !== undefined) members.set(path, { ...member, sha256: then.sha256 });
    else members.set(path, member);
    if (then !== undefined && !isUntouched) changed.push(path);
  }
  for (const [path, { type }] of staged) {
    if (type === 'directory' || found.has(path) || path.split('/').at(-1)!.startsWith('cback.')) continue;
    // Encrypted or split, it has other names.
    const isOtherwise = found.has(`${path}.gpg`) || found.has(`${path}_00000`) || found.has(`${path}.gpg_00000`);
    if (!isOtherwise) changed.push(path);
  }
  return { day, folder, stagedNs, members, changed };
}

async function stagedMembers(stateDir: string, day: string): Promise<ReadonlyMap<string, Member>> {
  const staged = new Map<string, Member>();
  for (const name of await namesIfThere(`${manifestFolder(stateDir)}/${day}`)) {
    if (!name.endsWith('.jsonl') || isTemporaryName(name)) continue;
    const peer = name.replace(/\.jsonl$/, '');
    const manifest = await readManifest(manifestPath(stateDir, day, peer));
    for (const [path, member] of manifest?.members ?? []) staged.set(`${peer}/${path}`, member);
  }
  return staged;
}
