import { type ArchiveRecord, bestEvidence, isNeverVerified } from '../catalog/archive-record.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { lockPath } from '../catalog/state-folder.ts';
import { holderState } from '../durable/holder.ts';
import { readLock } from '../durable/lock-holder.ts';
import type { EvidenceLevel } from '../model/evidence.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Event } from './events.ts';
import { identityOf, type Project } from './project.ts';
import { ownerOf, type Projects, recordParts, unanswered } from './search/record-parts.ts';
import type { SectionStatus } from './search/search-event.ts';

/**
 * How each section stands, from the record alone: how much is archived, how closely it was checked and when, who is at work. One whose record cannot be read is told as `failed`, and the others are looked at;
 * the only one's error is thrown.
 */
export async function* status(projects: Projects, options: { readonly section?: string } = {}): AsyncGenerator<Event> {
  const asked = await recordParts(projects, { section: options.section, unrecorded: true });
  yield* asked.events;
  for (const part of asked.parts) {
    try {
      const { project, section } = part;
      yield { kind: 'status', status: await sectionStatus(project, section), several: asked.several };
    } catch (error) {
      yield unanswered(asked, part, error);
    }
  }
}

async function sectionStatus(project: Project, section: string): Promise<SectionStatus> {
  const catalog = await openCatalog(project.state, section, identityOf(project));
  const records = [...catalog.archives.values()];
  const holder = await holderText(project, section);
  const oldest = oldestCheck(catalog.archives);
  return {
    ...ownerOf(project),
    section,
    ...(catalog.runs.length === 0 ? { unrecorded: true } : {}),
    archives: records.length,
    members: records.reduce((sum, record) => sum + record.head.contentMembers, 0),
    bytes: records.reduce((sum, record) => sum + record.head.bytes, 0),
    lastRun: catalog.runs.findLast((run) => run.record.verb === 'archive')?.record.at,
    // While a run is at work its own journal has no end either.
    unfinishedRuns: holder === undefined ? unfinished(catalog.runs, catalog.pending.length) : [],
    rungs: rungsOf(records, () => 1),
    rungBytes: rungsOf(records, ({ head }) => head.bytes),
    damagedBytes: records.reduce((sum, { damage, head }) => sum + (damage === undefined ? 0 : head.bytes), 0),
    neverVerified: records.filter(isNeverVerified).length,
    oldestCheck: oldest?.at,
    oldest: oldest && { archive: oldest.archive, level: oldest.level },
    damaged: [...catalog.archives].flatMap(([archive, { damage }]) =>
      damage === undefined ? [] : [{ archive, problems: damage.problems }],
    ),
    holder,
  };
}

function unfinished(
  runs: readonly { record: { run: string; verb: string }; endedAt: string | undefined }[],
  pending: number,
): readonly string[] {
  const last = runs.findLast((run) => run.record.verb === 'archive');
  const isOpen = last !== undefined && last.endedAt === undefined;
  return isOpen || pending > 0 ? runs.filter((run) => run.endedAt === undefined).map((run) => run.record.run) : [];
}

/** The archive whose closest check lies furthest back. */
function oldestCheck(archives: ReadonlyMap<StoreKey, ArchiveRecord>) {
  let oldest: { readonly archive: string; readonly at: string; readonly level: EvidenceLevel } | undefined;
  for (const [archive, record] of archives) {
    const best = bestEvidence(record);
    if (best !== undefined && (oldest === undefined || best.at < oldest.at))
      oldest = { archive, at: best.at, level: best.level };
  }
  return oldest;
}

/** What the archives weigh on each rung, each on that of its closest check; damaged ones stand on none. */
function rungsOf(
  records: readonly ArchiveRecord[],
  weight: (record: ArchiveRecord) => number,
): { readonly [level in EvidenceLevel]: number } {
  const rungs = { listed: 0, size: 0, index: 0, digest: 0, read: 0 };
  for (const record of records) {
    if (record.damage !== undefined) continue;
    rungs[bestEvidence(record)?.level ?? 'listed'] += weight(record);
  }
  return rungs;
}

async function holderText(project: Project, section: string): Promise<string | undefined> {
  const holder = await readLock(lockPath(project.state, section));
  if (holder === undefined) return undefined;
  if (holder === 'unreadable') return 'somebody: the lock file cannot be read';
  const text = `process ${holder.pid} on ${holder.host} since ${holder.since} (${holder.command})`;
  return holderState(holder) === 'dead' ? undefined : text;
}
