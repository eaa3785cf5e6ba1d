import { displayName } from '../../../model/byte-name.ts';
import { countText, sizeText } from '../../../report/quantities.ts';
import type { Outcome } from '../outcome.ts';
import { failureText, namesOf, statusOf } from './copy-outcome.ts';
import { type CopyPlan, endsOf } from './copy-plan.ts';
import { errorOf } from './settled-copies.ts';

/** What a plan would copy, with sizes. What cannot be copied makes the status what it would be then. */
export function dryRunOutcome({ copies, leftOut }: CopyPlan): Outcome {
  let bytes = 0;
  const lines = Array.from(copies, ({ job, bytes: one }) => {
    bytes += one ?? 0;
    const { source, target } = endsOf(job);
    const size = one === undefined ? '?' : sizeText(one);
    return `${size.padStart(10)}  ${displayName(source)} -> ${displayName(target)}`;
  });
  const results = Array.from(copies, ({ job, bytes: one }) => ({
    ...namesOf(job),
    where: job.where,
    ...(one === undefined ? {} : { bytes: one }),
  }));
  const failed = leftOut.map(({ name, reason }) => ({ source: name, ...errorOf(reason) }));
  const status = leftOut.length === 0 ? 0 : statusOf(leftOut, copies.length);
  const err = failureText(leftOut).join('\n');
  return {
    status,
    out: [
      ...lines,
      `${countText(copies.length, 'file')}, ${sizeText(bytes)}, would be looked at and copied; nothing was done`,
    ].join('\n'),
    err,
    json: { metadata: { exitcode: String(status), error: err }, results: [...results, ...failed] },
  };
}
