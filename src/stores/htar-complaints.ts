import { StowageError } from '../errors.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import type { HtarResult } from '../hpss/htar.ts';
import { displayName } from '../model/byte-name.ts';

/** Throws if htar ended with a status, complained of anything, or did not say that it was successful. What it made is to be looked at all the same. */
export function refuseComplaints({ status, stdout, stderr }: HtarResult, what: string): void {
  const text = `${stderr}${stdout}`;
  const warning = /^(?:INFO|Warning|WARNING|ERROR|###WARNING)\b.*$/m.exec(text)?.[0];
  if (status === 0 && warning === undefined && /^HTAR: HTAR SUCCESSFUL\s*$/m.test(stdout)) return;
  const failure = hsiFailure(what, text, { status });
  if (failure.kind !== 'unknown') throw failure;
  throw htarFailed(
    `${what}: ${displayName(warning ?? `it ended with status ${status} and did not say that it was successful`)}`,
    {
      status,
      text,
    },
  );
}

/** What htar did is not what it should be. */
export function htarFailed(message: string, facts: Readonly<Record<string, unknown>> = {}): StowageError {
  return new StowageError('unavailable', message, { hint: 'run the same command again', facts });
}
