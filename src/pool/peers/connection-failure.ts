import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName, displayText } from '../../model/byte-name.ts';
import type { ProgramResult } from '../../programs/program-result.ts';
import { changedKeyAdvice, newKeyAdvice } from './host-key-advice.ts';

/** What is said of a session that did not begin: `refused`, with `noShell`, if the peer was reached and ran something else than a shell. */
export async function connectionFailure(
  peer: string,
  ended: Promise<ProgramResult>,
  early: unknown,
): Promise<StowageError> {
  const name = displayName(peer);
  const outcome = await ended.catch((error: unknown) => error);
  if (isStowageError(early, 'interrupted')) return early;
  const facts = isStowageError(outcome) ? outcome.facts : (outcome as ProgramResult);
  const status = typeof facts.status === 'number' ? facts.status : undefined;
  const said = textOf(facts.stderr).trim();
  // Status 255 is ssh's own; any other is that of what ran on the peer.
  if (status !== undefined && status !== 255 && status !== 127) {
    return new StowageError('refused', `peer '${name}' gives no shell: ${lastWords(said, textOf(facts.stdout))}`, {
      facts: { peer, noShell: true, status },
      cause: outcome,
    });
  }
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    return unreachable(name, peer, 'its host key has changed', outcome, {
      hint: changedKeyAdvice(peer, said),
    });
  }
  if (/Host key verification failed/.test(said)) {
    return unreachable(name, peer, 'its host key is not known', outcome, {
      hint: newKeyAdvice(peer, said),
    });
  }
  if (/Permission denied/.test(said)) {
    return unreachable(name, peer, 'it does not let us in', outcome, {
      hint: 'put the public key of the user that the backup runs as into authorized_keys there',
    });
  }
  const silent = isStowageError(early) && early.message.includes('said nothing');
  const why = silent ? plainReason(early) : said === '' ? plainReason(outcome) : lastWords(said, '');
  return unreachable(name, peer, why, isStowageError(outcome) ? outcome : early);
}

function unreachable(name: string, peer: string, why: string, cause: unknown, more: { readonly hint?: string } = {}) {
  return new StowageError('unavailable', `peer '${name}' cannot be reached: ${why}`, {
    ...more,
    facts: { peer, why },
    cause,
  });
}

function lastWords(stderr: string, stdout: string): string {
  const text = stderr === '' ? stdout.trim() : stderr;
  return displayText(text.split('\n').at(-1)?.trim().slice(0, 300) ?? '') || 'it said nothing';
}

function textOf(output: unknown): string {
  if (typeof output === 'string') return output;
  return output instanceof Uint8Array ? Buffer.from(output).toString('utf8') : '';
}
