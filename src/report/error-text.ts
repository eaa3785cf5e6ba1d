import { isStowageError, plainReason, type StowageError } from '../errors.ts';
import { displayText } from '../model/byte-name.ts';
import type { Problem } from '../rules/problem.ts';

/** An error for people: what is wrong, each problem if there are several, and what to do. With `debug`, the stack and its causes. */
export function errorText(error: unknown, options: { readonly debug: boolean }): string {
  const lines: string[] = [];
  if (isStowageError(error)) {
    lines.push(`stowage: ${error.message}`);
    for (const problem of problemsOf(error)) lines.push(problemText(problem));
    if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  } else {
    lines.push(`stowage: this is a fault of Stowage itself: ${plainReason(error)}`);
    lines.push(
      '  hint: run it again with --debug and report what it prints; no archive was recorded that was not checked',
    );
  }
  if (options.debug) lines.push(stackOf(error));
  return `${lines.join('\n')}\n`;
}

/** A problem of a configuration as a line, with the place in the pattern and what to do below it. */
export function problemText(problem: Problem): string {
  const place = `  ${problem.line}:${problem.column}`;
  const where = problem.where === '' ? '' : ` ${problem.where}:`;
  const lines = [`${place}  ${problem.severity}:${where} ${problem.message}`];
  if (problem.excerpt !== undefined) {
    const { text, position } = problem.excerpt;
    const before = Array.from(text).slice(0, position).join('');
    lines.push(text, `${' '.repeat(Array.from(displayText(before)).length)}^`);
  }
  if (problem.suggestion !== undefined) lines.push(problem.suggestion);
  return lines.map(displayText).join('\n      ');
}

function problemsOf(error: StowageError): readonly Problem[] {
  return Array.isArray(error.facts.problems) ? (error.facts.problems as readonly Problem[]) : [];
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by ${stackOf(error.cause)}`;
  return `${error.stack ?? String(error)}${cause}`;
}
