import type { StowageError } from '../../../errors.ts';
import type { CopyEvent } from '../../../grid/copy/copy-event.ts';
import type { CopyJob } from '../../../grid/copy/copy-job.ts';
import { errnoOf } from '../../../grid/errno.ts';
import { displayName, displayText, nameToJson } from '../../../model/byte-name.ts';
import { countText, sizeText } from '../../../report/quantities.ts';
import type { Outcome } from '../outcome.ts';
import { type CopyPlan, endsOf, type LeftOut } from './copy-plan.ts';

/** What became of a file. */
export type Settled =
  | { readonly kind: 'copied'; readonly event: CopyEvent & { kind: 'copied' }; readonly hadTrouble: boolean }
  | { readonly kind: 'present'; readonly event: CopyEvent & { kind: 'present' } }
  | { readonly kind: 'failed'; readonly reason: StowageError };

const interrupted = 130;

/**
 * What copies came to, as text and as data. The status is 0 only if every file is there and checked; 130 after an interruption; the errno of the failures if nothing at all was
 * copied and they have but one; else 1. `settled` is in the order of the plan.
 */
export function copyOutcome(
  plan: CopyPlan,
  settled: readonly (Settled | undefined)[],
  { isStopped, seconds }: { readonly isStopped: boolean; readonly seconds: number },
): Outcome {
  const copied = settled.filter((one) => one?.kind === 'copied');
  const present = settled.filter((one) => one?.kind === 'present');
  const isUndone = (one: Settled | undefined) =>
    one === undefined || (isStopped && one.kind === 'failed' && one.reason.code === 'interrupted');
  const failures = failuresOf(
    plan,
    settled.map((one) => (isUndone(one) ? undefined : one)),
  );
  const undone = settled.filter(isUndone).length;
  const bytes = copied.reduce((sum, { event }) => sum + event.bytes, 0);
  const isWhole = failures.length === 0 && undone === 0;
  const status = isStopped ? interrupted : isWhole ? 0 : statusOf(failures, copied.length + present.length);
  const uploadsAgain = copied.filter(({ event, hadTrouble }) => hadTrouble && event.job.kind === 'upload').length;
  const attempted = plan.copies.length + plan.leftOut.length - present.length;
  const out = [
    `${countText(copied.length, 'file')} copied, ${sizeText(bytes)} in ${seconds.toFixed(1)} s${rateText(bytes, seconds)}`,
    ...(present.length > 0 ? [`${countText(present.length, 'file')} already there`] : []),
    ...(attempted === 0 ? ['No copy jobs to be done!'] : jobsText(copied.length, uploadsAgain, attempted)),
  ].join('\n');
  const err = [
    ...failureText(failures),
    ...(undone > 0 ? [`${countText(undone, 'file')} not copied, because it was stopped`] : []),
    ...(isStopped
      ? ['interrupted: run the same command again, and it goes on; what is there is not copied twice']
      : []),
  ].join('\n');
  const summary = {
    files: plan.copies.length + plan.leftOut.length,
    copied: copied.length,
    present: present.length,
    failed: failures.length,
    notDone: undone,
    bytes,
    seconds,
  };
  const results = [
    ...plan.copies.map(({ job, bytes: planned }, index) => ({
      ...namesOf(job),
      ...(planned === undefined ? {} : { bytes: planned }),
      ...factsOf(isUndone(settled[index]) ? undefined : settled[index]),
    })),
    ...plan.leftOut.map(({ name, reason }) => ({ source: name, outcome: 'failed', ...errorOf(reason) })),
  ];
  return { status, out, err, json: { metadata: { exitcode: String(status), error: err }, results, summary } };
}

/** Failures by the name of the source. */
function failuresOf(plan: CopyPlan, settled: readonly (Settled | undefined)[]): readonly LeftOut[] {
  const failed = plan.copies.flatMap(({ job }, index): LeftOut[] => {
    const one = settled[index];
    if (one?.kind !== 'failed') return [];
    const { source, target } = endsOf(job);
    return [{ name: `${displayName(source)} -> ${displayName(target)}`, reason: one.reason }];
  });
  return [...failed, ...plan.leftOut];
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

function namesOf(job: CopyJob) {
  const { path, pathBase64 } = nameToJson(job.local);
  return {
    direction: job.kind,
    lfn: job.lfn,
    local: path,
    ...(pathBase64 === undefined ? {} : { localBase64: pathBase64 }),
  };
}

function factsOf(settled: Settled | undefined) {
  switch (settled?.kind) {
    case undefined:
      return { outcome: 'not done' };
    case 'copied': {
      const { bytes, md5, ms, elements } = settled.event;
      return { outcome: 'copied', bytes, md5, seconds: ms / 1000, elements };
    }
    case 'present':
      return { outcome: 'present', bytes: settled.event.bytes, checkedBy: settled.event.by };
    case 'failed':
      return { outcome: 'failed', ...errorOf(settled.reason) };
  }
}

function errorOf(reason: StowageError) {
  const errno = errnoOf(reason);
  return { error: reason.message, ...(errno === undefined ? {} : { errno }) };
}
