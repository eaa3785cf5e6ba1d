import type { PlannedArchive } from '../survey/planned-archive.ts';

/** What is made as one piece: an archive, or a parcel of small ones that share the commits of the journal and the fsyncs of folders. */
export interface WorkUnit {
  /** In the order of the plan. */
  readonly plans: readonly PlannedArchive[];
  /** An upper bound for the memory that it takes while it is made, in bytes. */
  readonly cost: number;
}

const MiB = 1024 * 1024;

/** An archive up to this size, and with no more members, costs more by its commits than by its bytes. */
const small = { bytes: MiB, members: 200 };
const parcel = { bytes: 8 * MiB, archives: 128 };

/** A large archive streams: it holds its chunks, and what is known of its members. */
const streamBytes = 16 * MiB;
const memberBytes = 1024;

/** How many members a plan has. */
export function membersOf(plan: PlannedArchive): number {
  return plan.members + plan.carried;
}

/** What is to be made, in pieces, the biggest first; of the same size the first by name. The same plans always make the same pieces. */
export function workUnits(plans: readonly PlannedArchive[]): readonly WorkUnit[] {
  const units: PlannedArchive[][] = [];
  let open: { plans: PlannedArchive[]; bytes: number } | undefined;
  for (const plan of plans) {
    if (plan.bytes > small.bytes || membersOf(plan) > small.members) {
      units.push([plan]);
      continue;
    }
    if (open === undefined || open.plans.length === parcel.archives || open.bytes + plan.bytes > parcel.bytes) {
      open = { plans: [], bytes: 0 };
      units.push(open.plans);
    }
    open.plans.push(plan);
    open.bytes += plan.bytes;
  }
  return units
    .map((one) => ({ plans: one, bytes: sum(one, (plan) => plan.bytes), cost: sum(one, costOf) }))
    .sort((a, b) => b.bytes - a.bytes || (a.plans[0]!.key < b.plans[0]!.key ? -1 : 1));
}

function costOf(plan: PlannedArchive): number {
  return Math.min(plan.bytes, streamBytes) + membersOf(plan) * memberBytes;
}

function sum<One>(all: readonly One[], amountOf: (one: One) => number): number {
  return all.reduce((total, one) => total + amountOf(one), 0);
}
