import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import type { IncomingEntry, PeerEntry, PeerSession, StagePeerOptions } from '../peers/peer.ts';
import type { Present } from './present.ts';
import { isSameMember, stagedMember } from './staged-member.ts';
import type { WorkFolder } from './work-folder.ts';

/** What a peer had to give. */
export interface Received {
  /** All of it, by path, as it is staged; with the digest of every file. */
  readonly members: ReadonlyMap<string, Member>;
  /** Those that lie in the work folder now; the others lie in the day already. */
  readonly fresh: ReadonlySet<string>;
  /** True if every digest was computed by the peer too, from its own disk. */
  readonly provenByPeer: boolean;
}

/** How often what changes while it is sent is sent again. */
const mostRounds = 3;

/**
 * Brings all that a peer has: what lies here already and is the same is not sent again. At the end the peer's list, and its own digests where it can
 * compute them, must be what came. Throws `refused` for what cannot be staged, `changed` for what does not hold still, `unavailable`.
 */
export async function receivePeer(
  session: PeerSession,
  work: WorkFolder,
  present: Present,
  options: StagePeerOptions,
): Promise<Received> {
  const members = new Map<string, Member>();
  const fresh = new Set<string>();
  let wanted: readonly string[] | undefined;
  if (!present.isEmpty) {
    const missing: string[] = [];
    for (const entry of (await session.list()).values()) {
      const expected = expectedMember(entry, options);
      const held = expected === undefined ? undefined : await present.find(expected);
      if (held === undefined) missing.push(entry.path);
      else {
        members.set(entry.path, held.member);
        if (held.place === 'work') fresh.add(entry.path);
      }
    }
    wanted = missing;
  }

  for (let round = 1; ; round += 1) {
    if (wanted === undefined || wanted.length > 0) {
      const asked = wanted === undefined ? undefined : new Set(wanted);
      const note = (member: Member) => {
        members.set(member.path, member);
        fresh.add(member.path);
      };
      const take = async (entry: IncomingEntry): Promise<void> => {
        // A tar that can be given no list sends all.
        if (asked?.has(entry.path) !== false) await work.takeSoon(entry, note);
      };
      await session.fetch(wanted, take, work.copier(note));
      await work.all();
    }
    const listed = await session.list();
    const bytes = [...members.values()].reduce((sum, one) => sum + one.bytes, 0);
    const digests = await session.digests(bytes);
    const differing = [...listed.values()].filter((entry) => !isHeld(entry, members.get(entry.path), digests, options));
    for (const path of members.keys()) {
      if (listed.has(path)) continue;
      // It has gone there since it was sent.
      members.delete(path);
      if (fresh.delete(path)) await work.drop(path).catch(() => undefined);
    }
    if (differing.length === 0) return { members, fresh, provenByPeer: digests !== undefined };
    if (round === mostRounds) throw restless(differing);
    wanted = differing.map(({ path }) => path);
  }
}

/** What a listed entry is when it is staged; undefined where the listing says too little. Throws `refused` for what is no file, link or directory. */
function expectedMember(entry: PeerEntry, options: StagePeerOptions): Member | undefined {
  const { path, type, bytes, mtimeNs, mode, target } = entry;
  if (type !== 'file' && type !== 'link' && type !== 'directory') {
    throw new StowageError('refused', `'${displayName(path)}' cannot be staged: it is a ${type}`, { facts: { path } });
  }
  if (bytes === undefined || mtimeNs === undefined || mode === undefined) return undefined;
  return stagedMember({ path, type, bytes, mtimeNs, mode, ...(target === undefined ? {} : { target }) }, options);
}

function isHeld(
  entry: PeerEntry,
  member: Member | undefined,
  digests: ReadonlyMap<string, string> | undefined,
  options: StagePeerOptions,
): boolean {
  const expected = expectedMember(entry, options);
  if (member === undefined || member.type !== entry.type) return false;
  if (entry.type === 'file' && digests !== undefined && digests.get(entry.path) !== member.sha256) return false;
  return expected === undefined || isSameMember(expected, member);
}

function restless(entries: readonly PeerEntry[]): StowageError {
  const [first] = entries;
  const more = entries.length === 1 ? '' : ` and ${entries.length - 1} more`;
  return new StowageError('changed', `'${displayName(first!.path)}'${more} changed each time that it was sent`, {
    hint: 'stage when the collecting there is done',
    facts: { path: first!.path, paths: entries.slice(0, 100).map((one) => one.path) },
  });
}
