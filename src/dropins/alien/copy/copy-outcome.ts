import type { StowageError } from '../../../errors.ts';
import type { CopyJob } from '../../../grid/copy/copy-job.ts';
import { errnoOf } from '../../../grid/errno.ts';
import { displayName, displayText, nameToJson } from '../../../model/byte-name.ts';
import { countText, sizeText } from '../../../report/quantities.ts';
import type { Outcome } from '../outcome.ts';
import { type CopyPlan, endsOf, type LeftOut } from './copy-plan.ts';
import { errorOf, type SettledCopies } from './settled-copies.ts';

const interrupted = 130;

/**
 * What copies came to, as text and as data. The status is 0 only if every file is there and checked; 130 after an interruption; the errno of the failures if nothing at all was
 * copied and they have but one; else 1. `settled` is in the order of the plan.
 */
export function copyOutcome(
  plan: CopyPlan,
  settled: SettledCopies,
  { isStopped, seconds, asData }: { readonly isStopped: boolean; readonly seconds: number; readonly asData: boolean },
): Outcome {
  const { copies, leftOut } = plan;
  const { copied, present, bytes, uploadedAgain } = settled.counts();
  const isUndone = (reason: StowageError) => isStopped && reason.code === 'interrupted';
  const failed = settled.failures();
  const failures = [...failed.filter(([, reason]) => !isUndone(reason)).map(named), ...leftOut];
  const undone = copies.length - copied - present - (failures.length - leftOut.length);
  const files = copies.length + leftOut.length;
  const isWhole = failures.length === 0 && undone === 0;
  const status = isStopped ? interrupted : isWhole ? 0 : statusOf(failures, copied + present);
  const attempted = files - present;
  const out = [
    `${countText(copied, 'file')} copied, ${sizeText(bytes)} in ${seconds.toFixed(1)} s${rateText(bytes, seconds)}`,
    ...(present > 0 ? [`${countText(present, 'file')} already there`] : []),
    ...(attempted === 0 ? ['No copy jobs to be done!'] : jobsText(copied, uploadedAgain, attempted)),
  ].join('\n');
  const err = [
    ...failureText(failures),
    ...(undone > 0 ? [`${countText(undone, 'file')} not copied, because it was stopped`] : []),
    ...(isStopped
      ? ['interrupted: run the same command again, and it goes on; what is there is not copied twice']
      : []),
  ].join('\n');
  if (!asData) return { status, out, err };
  const summary = { files, copied, present, failed: failures.length, notDone: undone, bytes, seconds };
  const notDone = new Set(failed.filter(([, reason]) => isUndone(reason)).map(([index]) => index));
  const results = [
    ...Array.from(copies, ({ job, bytes: planned }, index) => ({
      ...namesOf(job),
      ...(planned === undefined ? {} : { bytes: planned }),
      ...(notDone.has(index) ? { outcome: 'not done' } : settled.facts(index)),
    })),
    ...leftOut.map(({ name, reason }) => ({ source: name, outcome: 'failed', ...errorOf(reason) })),
  ];
  return { status, out, err, json: { metadata: { exitcode: String(status), error: err }, results, summary } };

  function named([index, reason]: readonly [number, StowageError]): LeftOut {
    const { source, target } = endsOf(copies.at(index).job);
    return { name: `${displayName(source)} -> ${displayName(target)}`, reason };
  }
}

/** Each failure with its reason, and what to do, once for all that have it. */
export function failureText(failures: readonly LeftOut[]): readonly string[] {
  if (failures.length === 0) return [];
  const hints = new Set(failures.flatMap(({ reason: { hint } }) => (hint === undefined ? [] : [hint])));
  return [
    `${countText(failures.length, 'file')} not copied:`,
    // Many a reason names what it is about.
    ...failures.map(({ name, reason }) => {
      const why = displayText(reason.message);
      return `  ${why.includes(`'${name}'`) ? why : `${name}: ${why}`}`;
    }),
    ...[...hints].map((hint) => `hint: ${hint}`),
  ];
}

/** The status of a run that failed: the errno that all failures have, if nothing was done at all. */
export function statusOf(failures: readonly LeftOut[], done: number): number {
  const numbers = new Set(failures.map(({ reason }) => errnoOf(reason)));
  const [only] = numbers;
  return done === 0 && numbers.size === 1 && only !== undefined && only > 0 ? only : 1;
}

/** The lines by which scripts know how many were copied. Replicas that could not be read do not count as a try: the next one is part of it. */
function jobsText(copied: number, again: number, all: number): readonly string[] {
  const first = `Successful jobs (1st try): ${copied - again}/${all}`;
  if (again === 0) return [first];
  return [
    first,
    `Successful jobs (2nd try): ${again}/${all - copied + again}`,
    `Successful jobs (total): ${copied}/${all}`,
  ];
}

function rateText(bytes: number, seconds: number): string {
  return bytes > 0 && seconds > 0 ? ` (${sizeText(Math.round(bytes / seconds))}/s)` : '';
}

/** The names of a job as data. */
export function namesOf(job: CopyJob) {
  const { path, pathBase64 } = nameToJson(job.local);
  return {
    direction: job.kind,
    lfn: job.lfn,
    local: path,
    ...(pathBase64 === undefined ? {} : { localBase64: pathBase64 }),
  };
}
