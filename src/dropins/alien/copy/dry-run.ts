import { errnoOf } from '../../../grid/errno.ts';
import { displayName, nameToJson } from '../../../model/byte-name.ts';
import { countText, sizeText } from '../../../report/quantities.ts';
import type { Outcome } from '../outcome.ts';
import { failureText, statusOf } from './copy-outcome.ts';
import { type CopyPlan, endsOf } from './copy-plan.ts';

/** What a plan would copy, with sizes. What cannot be copied makes the status what it would be then. */
export function dryRunOutcome({ copies, leftOut }: CopyPlan): Outcome {
  const bytes = copies.reduce((sum, { bytes: one = 0 }) => sum + one, 0);
  const lines = copies.map(({ job, bytes: one }) => {
    const { source, target } = endsOf(job);
    const size = one === undefined ? '?' : sizeText(one);
    return `${size.padStart(10)}  ${displayName(source)} -> ${displayName(target)}`;
  });
  const results = copies.map(({ job, bytes: one }) => {
    const { path, pathBase64 } = nameToJson(job.local);
    return {
      direction: job.kind,
      lfn: job.lfn,
      local: path,
      ...(pathBase64 === undefined ? {} : { localBase64: pathBase64 }),
      where: job.where,
      ...(one === undefined ? {} : { bytes: one }),
    };
  });
  const failed = leftOut.map(({ name, reason }) => {
    const errno = errnoOf(reason);
    return { source: name, error: reason.message, ...(errno === undefined ? {} : { errno }) };
  });
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
