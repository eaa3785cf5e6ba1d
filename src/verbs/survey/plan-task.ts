import { appendWork } from '../../durable/append-work.ts';
import { type Severity, severityOf } from '../../plan/finding.ts';
import type { Handed } from '../../threads/order.ts';
import { type FateCounts, fateCounter } from './fate-counts.ts';
import { giantArchives } from './giant-archives.ts';
import { grouping } from './grouping.ts';
import type { KnownArchive } from './known-archive.ts';
import type { ManifestPlace } from './manifest-place.ts';
import { mappedLines, partitionBytes, readPartition } from './partition-lines.ts';
import { type PartitionContext, packingIn, planPartition } from './plan-partition.ts';
import { type PlannedArchive, plannedFacts, type TakenPlan } from './planned-archive.ts';
import { blockLines, type WorkBlock, workWriter } from './work-blocks.ts';

/** One partition, to be planned. */
export interface PlanInput {
  readonly folder: string;
  readonly partition: number;
  /** The numbers of those that wrote its files. */
  readonly writers: readonly number[];
  readonly known: readonly KnownArchive[];
  readonly context: PartitionContext;
  /** An archive of so many lines, or more, is not held in memory. */
  readonly giantLines: number;
}

export interface PlanOutput {
  readonly archives: readonly PlannedOnDisk[];
  readonly counts: FateCounts;
  /** The files with its findings. */
  readonly findings: { readonly [severity in Severity]?: string };
}

/** A planned archive whose members stand in a file. */
export type PlannedOnDisk = Omit<PlannedArchive, 'load'> & {
  readonly block?: WorkBlock;
  readonly manifest?: ManifestPlace;
};

/** Plans every archive of a partition; what grows with the members, and what must be told, goes into files. */
export default async function planTask(input: PlanInput): Promise<Handed<PlanOutput>> {
  const { folder, partition, context } = input;
  const group = grouping(context.roots);
  // What several disks have under one name must be looked at together.
  const names = context.roots.length > 1 ? new Set<string>() : giantNames(input);
  const giants = giantArchives(names, `${folder}/${partition}`, input.giantLines, group);
  readPartition(folder, partition, input.writers, giants.around);
  const archives: PlannedOnDisk[] = [];
  const blocks = workWriter(`${folder}/${partition}.members`);
  const take = (taken: TakenPlan) => {
    const { plan, manifest } = taken;
    const place = manifest === undefined ? {} : { manifest };
    archives.push({
      ...plannedFacts(plan, taken.lines.length, taken.root, taken.packing),
      ...(plan.decision === 'make' ? { block: blocks.add(taken.lines, plan.carried), ...place } : {}),
    });
  };
  const { planned, counts: giantCounts } = giants.plan(input.known, context);
  for (const { plan, members, root, block } of planned) {
    const isMade = plan.decision === 'make';
    const packing = packingIn(context, plan, blockLines(block));
    const facts = plannedFacts(plan, isMade ? members : 0, context.wantsRoots ? root : undefined, packing);
    archives.push({ ...facts, ...(isMade ? { block } : {}) });
  }
  const settled = planned.map(({ plan }) => plan);
  const { counts, findings } = await planPartition(group.result(), input.known, context, take, settled);
  blocks.end();
  const files: { [severity in Severity]?: string } = {};
  for (const finding of findings) {
    const severity = severityOf(finding);
    files[severity] ??= '';
    files[severity] += `${JSON.stringify(finding)}\n`;
  }
  for (const [severity, lines] of Object.entries(files)) {
    const path = `${folder}/${partition}.${severity}`;
    appendWork(path, lines);
    files[severity as Severity] = path;
  }
  const counter = fateCounter();
  for (const one of [counts, giantCounts]) counter.add(one);
  return { output: { archives, counts: counter.counts(), findings: files }, transfer: [] };
}

/** The archives of a partition that have too many lines to be held. Most partitions are too small for that to be asked. */
function giantNames({ folder, partition, writers, giantLines }: PlanInput): ReadonlySet<string> {
  if (partitionBytes(folder, partition, writers) < giantLines * shortestLine) return new Set();
  const lines = mappedLines(folder, partition, writers);
  return new Set([...lines].flatMap(([name, count]) => (count >= giantLines ? [name] : [])));
}

/** A line of a partition has more bytes than this. */
const shortestLine = 40;
