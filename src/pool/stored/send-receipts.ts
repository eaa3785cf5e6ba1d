import { readIfThere } from '../../durable/read-if-there.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { plainReason, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { baseOf } from '../../model/relative-path.ts';
import { dayFolders } from '../day-folders.ts';
import { isIndicator } from '../indicators.ts';
import type { Peer } from '../peers/peer.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { isEarlierName } from '../staging/keep-earlier.ts';
import { receiptPeers } from '../staging/peers-of.ts';
import { manifestFolder, manifestPath, readManifest, type StagedManifest } from '../staging/staged-manifest.ts';
import { stagingDirOf } from '../staging/staging-dirs.ts';
import { dayContents } from './day-contents.ts';
import { digestLines } from './digest-list.ts';
import { isMarkedStored, isStoredIn, wantedCopies } from './not-stored.ts';
import { storedRecords } from './stored-record.ts';

/**
 * Tells the peers that want a receipt that what they gave last is stored, each once: `cback.stored` in its collect directory. One whose files are not all
 * stored gets none, and that is told. A peer that cannot be reached fails the run: it would not know, and collect all of it again.
 */
export async function* sendReceipts(run: PoolRun): AsyncGenerator<PoolEvent> {
  const sent = new Map(await readSent(run.stateDir));
  for (const peer of receiptPeers(run.configuration, run.files)) {
    const about = { kind: 'pool', action: 'receipt', peer: peer.name } as const;
    const name = displayName(peer.name);
    try {
      const manifest = await lastManifest(run.stateDir, peer.name);
      if (manifest === undefined) {
        yield { ...about, level: 'info', deed: 'skipped', text: `peer '${name}' was never staged by Stowage` };
        continue;
      }
      const { day } = manifest;
      const found = await storedOf(run, manifest);
      if ('missing' in found) {
        const text = `peer '${name}' gets no receipt for ${day}: '${displayName(found.missing)}' is not stored yet`;
        yield { ...about, level: 'warning', deed: 'skipped', day, text, failed: false };
        continue;
      }
      const mark = `${day} ${manifest.stagedAt}`;
      if (sent.get(peer.name) === mark) continue;
      await send(run, peer, digestLines({ facts: factsOf(run, manifest, found.places), digests: found.digests }));
      sent.set(peer.name, mark);
      await writeSent(run, sent);
      const text = `peer '${name}' was told that what it gave on ${day} is stored`;
      yield { ...about, level: 'info', deed: 'told', day, files: found.digests.size, text };
    } catch (error) {
      if (run.signal?.aborted) throw error;
      const reason = plainReason(error);
      const text = `cannot tell peer '${name}' that what it gave is stored: ${reason}`;
      yield { ...about, level: 'error', deed: 'failed', reason, text };
    }
  }
}

function factsOf(run: PoolRun, manifest: StagedManifest, places: readonly string[]): ReadonlyMap<string, string> {
  return new Map([
    ['stowage-receipt', '1'],
    ['peer', manifest.peer],
    ['day', manifest.day],
    ['told', run.clock.now().toISOString()],
    ...(places.length === 0 ? [] : [['place', places.join('; ')] as const]),
  ]);
}

async function send({ signal }: PoolRun, peer: Peer, lines: readonly string[]): Promise<void> {
  const session = await peer.open(signal === undefined ? {} : { signal });
  try {
    await session.writeReceipt(lines);
  } finally {
    await session.close();
  }
}

type Stored =
  | { readonly digests: ReadonlyMap<string, string>; readonly places: readonly string[] }
  | { readonly missing: string };

/** The digests of all that a peer gave on a day, if all of it is stored, in whichever form; else the first that is not. */
async function storedOf(run: PoolRun, { day, peer, members }: StagedManifest): Promise<Stored> {
  const folder = `${stagingDirOf(run.configuration)}/${day}`;
  // What was kept beside a newer one has a name that the peer does not know.
  const given = [...members.values()].filter(
    ({ path, type }) => type === 'file' && !isIndicator(baseOf(path)) && !isEarlierName(path),
  );
  const digests = new Map(given.map((one) => [one.path, one.sha256!] as const));
  const records = await storedRecords(run.stateDir, day);
  const places = [...new Set(records.map((one) => one.place))];
  if (await isMarkedStored(run.files, folder)) return { digests, places };
  const copies = wantedCopies(run.configuration, records);
  const now = await contentsOf(folder);
  for (const [path, member] of now) {
    const sha256 = members.get(path.slice(peer.length + 1))?.sha256;
    if (path.startsWith(`${peer}/`) && !copies.every((one) => isStoredIn(one, member, sha256)))
      return { missing: path };
  }
  for (const { path, sha256 } of given) {
    const whole = `${peer}/${path}`;
    const isRecorded = copies.every((some) => some.some((one) => one.members.get(whole)?.sha256 === sha256));
    // As it is there now, or encrypted, split or both: what is there is stored, as was just seen.
    const isThere = [whole, `${whole}.gpg`, `${whole}_00000`, `${whole}.gpg_00000`].some((one) => now.has(one));
    if (!isRecorded && !isThere) return { missing: whole };
  }
  return { digests, places };
}

/** Nothing where the day was purged since. */
async function contentsOf(folder: string): Promise<ReadonlyMap<string, Member>> {
  try {
    return dayContents(folder);
  } catch (error) {
    if (systemCode((error as Error).cause) === 'ENOENT') return new Map();
    throw error;
  }
}

/** What a peer gave last. */
async function lastManifest(stateDir: string, peer: string): Promise<StagedManifest | undefined> {
  for (const day of [...(await dayFolders(manifestFolder(stateDir)))].reverse()) {
    const found = await readManifest(manifestPath(stateDir, day, peer));
    if (found !== undefined) return found;
  }
  return undefined;
}

function sentPath(stateDir: string): string {
  return `${stateDir}/receipts.json`;
}

/** Who was told, of which staging. What is damaged counts for nothing: then they are told again. */
async function readSent(stateDir: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readIfThere(sentPath(stateDir));
  try {
    return Object.entries(JSON.parse(text ?? '{}') as Record<string, string>);
  } catch {
    return [];
  }
}

function writeSent({ files, stateDir }: PoolRun, sent: ReadonlyMap<string, string>): Promise<void> {
  const text = `${JSON.stringify(Object.fromEntries(sent))}\n`;
  return writeWhole(files, sentPath(stateDir), text, { replace: true, mode: 0o600 });
}
