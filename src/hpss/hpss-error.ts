import { type ErrorCode, type ErrorDetails, StowageError } from '../errors.ts';
import { displayText } from '../model/byte-name.ts';
import { type Failure, failureIn } from './failure-text.ts';

/** Something is wrong between us and HPSS: a listing that cannot be read, a name that hsi cannot carry. */
export class HpssError extends StowageError {}

/** hsi or htar reports an error: what HPSS said, and whether to ask again makes sense. */
export class HpssOSError extends HpssError {
  /** HPSS's own number, as -2 or -5000; undefined where none was told. */
  readonly hpssCode: number | undefined;
  /** hsi's own text, all of it. */
  readonly text: string;
  /** `soon`: it may pass; `later`: the system is down; `no`. */
  readonly retry: 'no' | 'soon' | 'later';
  readonly kind: Failure['kind'];

  constructor(code: ErrorCode, message: string, text: string, failure: Omit<Failure, 'line'>, details?: ErrorDetails) {
    super(code, message, details);
    this.text = text;
    this.hpssCode = failure.hpssCode;
    this.retry = failure.retry;
    this.kind = failure.kind;
  }

  /** True if the same call may succeed another time. */
  get mayBeRetried(): boolean {
    return this.retry !== 'no';
  }
}

/** The error for what hsi said. `what` names the deed, as `cannot list '/home/x'`. */
export function hsiFailure(what: string, text: string, facts: Readonly<Record<string, unknown>> = {}): HpssOSError {
  const failure = failureIn(text);
  const said = failure.line === '' ? 'hsi said nothing' : displayText(failure.line.slice(0, 300));
  const hint = hints[failure.kind];
  return new HpssOSError(codes[failure.kind] ?? 'unavailable', `${what}: ${said}`, text, failure, {
    ...(hint === undefined ? {} : { hint }),
    // Whoever tries again with a login that is refused may lock the account.
    facts: {
      ...facts,
      hpssCode: failure.hpssCode,
      text,
      ...(failure.kind === 'authentication' ? { stopsRun: true } : {}),
    },
  });
}

const codes: Readonly<Partial<Record<Failure['kind'], ErrorCode>>> = {
  absent: 'missing',
  exists: 'exists',
  full: 'full',
  permission: 'unavailable',
};

const hints: Readonly<Partial<Record<Failure['kind'], string>>> = {
  authentication: 'renew your HPSS login (token, keytab or .netrc), see that hsi works by hand, and run the same again',
  down: 'ask your centre when HPSS is back, then run the same again: what is done is not done twice',
  full: 'free space on HPSS or ask for more, then run the same again',
  firewall:
    'if every transfer fails so, a firewall is between: set "firewall": true under "hpss" in "__config__", or use a transfer node',
};
