import { isSameObject } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { type Finding, severityOf } from '../../plan/finding.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { Survey, Told } from '../survey/survey.ts';
import type { Difference } from './difference.ts';
import type { Motion } from './in-motion.ts';
import type { StoreListing } from './store-listing.ts';
import { tallying } from './tally.ts';

/** What of a survey is a difference between disk, record and store; what is in motion is left out. */
export interface Differences {
  /** By kind, those that there are. */
  readonly tally: readonly Difference[];
  /** The worst first. May be as many as entries: read when they are wanted. */
  findings(): Iterable<Told>;
  readonly due: readonly PlannedArchive[];
}

/** Notices of a survey that are differences here, and weigh as problems; the other notices are of no concern. */
const weighty: ReadonlySet<Finding['kind']> = new Set(['gone', 'unexplained']);

/** Compares a survey with what the store listed and the record says. */
export function differencesOf(
  done: Survey,
  catalog: Catalog,
  listing: StoreListing,
  motions: ReadonlyMap<StoreKey, Motion>,
): Differences {
  const stays = (key: string) => !motions.has(key as StoreKey);
  const due = done.archives.filter((one) => one.decision === 'make' && stays(one.key));
  const surveyed = function* (): Generator<Told> {
    for (const { finding, severity } of done.findings()) {
      if ('archive' in finding && finding.archive !== undefined && !stays(finding.archive)) continue;
      if (severity !== 'notice') yield { finding, severity };
      else if (weighty.has(finding.kind)) yield { finding, severity: 'problem' };
    }
  };
  const tally = tallying(done);
  const unexplained = new Set<string>();
  for (const { finding } of surveyed()) {
    tally.addFinding(finding);
    if (finding.kind === 'unexplained') unexplained.add(finding.archive);
  }
  const moving = [...motions.values()];
  const ofStore = [...betweenRecordAndStore(catalog, listing, (key) => stays(key) && !unexplained.has(key))];
  for (const finding of [...moving, ...ofStore]) tally.addFinding(finding);
  for (const plan of due) tally.addDue(plan);
  return {
    tally: tally.differences(),
    *findings() {
      for (const finding of moving) yield { finding, severity: severityOf(finding) };
      yield* surveyed();
      for (const finding of ofStore) yield { finding, severity: severityOf(finding) };
    },
    due,
  };
}

function* betweenRecordAndStore(
  catalog: Catalog,
  listing: StoreListing,
  isJudged: (key: StoreKey) => boolean,
): Generator<Finding> {
  const archives = [...new Set([...catalog.archives.keys(), ...listing.keys()])].filter(isJudged).sort();
  for (const archive of archives) {
    const record = catalog.archives.get(archive);
    const object = listing.get(archive);
    if (object === undefined) {
      if (record === undefined) continue;
      const { recordedAt, head } = record;
      yield { kind: 'lost', archive, recordedAt, members: head.contentMembers, bytes: head.bytes };
    } else if (record === undefined) {
      yield { kind: 'unrecorded', archive, bytes: object.bytes };
    } else if (!isSameObject(record, object) && record.damage?.seen !== object.version) {
      yield { kind: 'altered', archive, bytes: object.bytes };
    }
  }
}
