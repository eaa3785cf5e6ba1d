import { appendWork } from '../../durable/append-work.ts';
import { type Severity, severityOf } from '../../plan/finding.ts';
import type { Handed } from '../../threads/order.ts';
import type { FateCounts } from './fate-counts.ts';
import { grouping } from './grouping.ts';
import type { KnownArchive } from './known-archive.ts';
import type { ManifestPlace } from './manifest-place.ts';
import { readPartition } from './partition-lines.ts';
import { type PartitionContext, planPartition } from './plan-partition.ts';
import { type PlannedArchive, plannedFacts, type TakenPlan } from './planned-archive.ts';
import { type WorkBlock, workWriter } from './work-blocks.ts';

/** One partition, to be planned. */
export interface PlanInput {
  readonly folder: string;
  readonly partition: number;
  /** The numbers of those that wrote its files. */
  readonly writers: readonly number[];
  readonly known: readonly KnownArchive[];
  readonly context: PartitionContext;
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
  readPartition(folder, partition, input.writers, group);
  const archives: PlannedOnDisk[] = [];
  const blocks = workWriter(`${folder}/${partition}.members`);
  const take = (taken: TakenPlan) => {
    const { plan, manifest } = taken;
    const place = manifest === undefined ? {} : { manifest };
    archives.push({
      ...plannedFacts(taken),
      ...(plan.decision === 'make' ? { block: blocks.add(taken.lines, plan.carried), ...place } : {}),
    });
  };
  const { counts, findings } = await planPartition(group.result(), input.known, context, take);
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
  return { output: { archives, counts, findings: files }, transfer: [] };
}
