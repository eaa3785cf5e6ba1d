import type { StoreLimits } from '../../store/store.ts';
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

/** How many archives of a unit are written at once. */
export const unitWrites = 8;

/**
 * What is to be made, in pieces, the biggest first; of the same size the first by name. The same plans always make the same pieces. `together`: where publishing
 * is dear whatever it is of, as much goes into each piece.
 */
export function workUnits(
  plans: readonly PlannedArchive[],
  together?: StoreLimits['publishTogether'],
): readonly WorkUnit[] {
  return inOrder(together === undefined ? parcels(plans) : batches(plans, together));
}

function batches(
  plans: readonly PlannedArchive[],
  most: NonNullable<StoreLimits['publishTogether']>,
): readonly (readonly PlannedArchive[])[] {
  const units: PlannedArchive[][] = [];
  let [bytes, members] = [0, 0];
  for (const plan of plans) {
    bytes += plan.bytes;
    members += membersOf(plan);
    if (units.length === 0 || bytes > most.bytes || members > most.members) {
      units.push([]);
      [bytes, members] = [plan.bytes, membersOf(plan)];
    }
    units.at(-1)!.push(plan);
  }
  return units;
}

function parcels(plans: readonly PlannedArchive[]): readonly (readonly PlannedArchive[])[] {
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
  return units;
}

function inOrder(units: readonly (readonly PlannedArchive[])[]): readonly WorkUnit[] {
  return units
    .map((one) => ({ plans: one, bytes: sum(one, (plan) => plan.bytes), cost: costOf(one) }))
    .sort((a, b) => b.bytes - a.bytes || (a.plans[0]!.key < b.plans[0]!.key ? -1 : 1));
}

/** Of a unit's archives so many stream at once, and what is known of the members of all of them is held until they are published. */
function costOf(plans: readonly PlannedArchive[]): number {
  const streams = sum(plans, (plan) => Math.min(plan.bytes, streamBytes));
  return Math.min(streams, unitWrites * streamBytes) + sum(plans, membersOf) * memberBytes;
}

function sum<One>(all: readonly One[], amountOf: (one: One) => number): number {
  return all.reduce((total, one) => total + amountOf(one), 0);
}
