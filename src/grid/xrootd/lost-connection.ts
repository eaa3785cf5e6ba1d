import { isStowageError, StowageError } from '../../errors.ts';

/** What was in flight when the connection ended. Whether the server did it is not known. */
export function lostConnection(what: string, server: string, reason: StowageError): StowageError {
  const keeps = ['interrupted', 'refused', 'corrupt'].includes(reason.code);
  return new StowageError(keeps ? reason.code : 'unavailable', `${what}: ${server}: ${reason.message}`, {
    ...(reason.hint === undefined ? {} : { hint: reason.hint }),
    facts: { errno: 'ECONNRESET', ...reason.facts, server, lost: true },
    cause: reason,
  });
}

/** True where a connection was lost, was given up because of what came over it, or did not come about: another may do. */
export function isLost(error: unknown): error is StowageError {
  return isStowageError(error, 'unavailable', 'corrupt') && error.facts.lost === true;
}

/** A server that takes too long. */
export function timedOut(what: string, server: string, ms: number): StowageError {
  return new StowageError('unavailable', `${what}: ${server} did not answer in ${Math.round(ms / 100) / 10} s`, {
    facts: { server, errno: 'ETIMEDOUT' },
  });
}

/** The caller's signal as our error. */
export function stopped(what: string, signal: AbortSignal): StowageError {
  return new StowageError('interrupted', `${what}: stopped`, { cause: signal.reason });
}
