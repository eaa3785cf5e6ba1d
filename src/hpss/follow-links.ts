import { displayName } from '../model/byte-name.ts';
import { type Answer, ask } from './ask.ts';
import { isComplaint } from './failure-text.ts';
import { HpssError, HpssOSError, hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { type ListingLine, linkParts, listingLine } from './listing-line.ts';
import type { HsiCommand } from './session.ts';

/** A path, and the line that HPSS lists it with. */
export interface SeenPath {
  readonly path: string;
  readonly line: ListingLine;
}

/** As many links in a row as Linux follows. */
const mostLinks = 40;

/** Looks at each path itself, in one session; undefined where HPSS says that there is none. */
export async function lookAtPaths(
  paths: readonly string[],
  options: HpssOptions,
): Promise<readonly (SeenPath | undefined)[]> {
  const commands = paths.map(lookCommand);
  const what = `cannot look at '${displayName(paths[0] ?? '')}'${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}`;
  return ask(commands, { ...options, what }, (answers) => answers.map((answer, at) => lookAnswer(answer, paths[at]!)));
}

/** The same, with links followed to what they lead to. A link in a circle throws; one that leads nowhere is undefined. */
export async function followLinks(
  paths: readonly string[],
  options: HpssOptions,
): Promise<readonly (SeenPath | undefined)[]> {
  const found: (SeenPath | undefined)[] = paths.map(() => undefined);
  let open = paths.map((path, index) => ({ path, index, seen: new Set([path]) }));
  while (open.length > 0) {
    const looks = await lookAtPaths(
      open.map(({ path }) => path),
      options,
    );
    const next: typeof open = [];
    for (const [at, one] of open.entries()) {
      const look = looks[at];
      const target = look?.line.type === 'l' ? linkParts(look.line.name)?.[1] : undefined;
      if (target === undefined) {
        found[one.index] = look;
        continue;
      }
      const path = linkedPath(one.path, target);
      if (one.seen.has(path) || one.seen.size > mostLinks) throw circle(paths[one.index]!);
      next.push({ path, index: one.index, seen: one.seen.add(path) });
    }
    open = next;
  }
  return found;
}

/** Where a link leads: a relative target counts from the directory of the link. */
export function linkedPath(link: string, target: string): string {
  if (target.startsWith('/')) return target;
  const folder = link.slice(0, link.lastIndexOf('/') + 1);
  const parts: string[] = [];
  for (const part of `${folder}${target}`.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else if (part !== '.' && (part !== '' || parts.length === 0)) parts.push(part);
  }
  return parts.join('/') || '/';
}

/** The command that looks at a path itself. */
export function lookCommand(path: string): HsiCommand {
  return { text: `ls -Dd ${hsiWord(path)}`, isListing: true };
}

/** What the answer to it says; undefined if nothing is there. Throws for any other complaint, and for a line that cannot be read. */
export function lookAnswer(answer: Answer, path: string): SeenPath | undefined {
  const lines: ListingLine[] = [];
  let absent = false;
  const text = answer.map((line) => `${line}\n`).join('');
  for (const one of answer) {
    const line = listingLine(one);
    if (line !== undefined) lines.push(line);
    else if (isComplaint(one)) {
      const failure = hsiFailure(`cannot look at '${displayName(path)}'`, text);
      // -20: something above it is no directory, so it is not there either.
      if (failure.kind !== 'absent' && failure.hpssCode !== -20) throw failure;
      absent = true;
    } else if (one.trim() !== '') throw unreadable(path, one);
  }
  if (absent && lines.length === 0) return undefined;
  if (lines.length === 1 && !absent) return { path, line: lines[0]! };
  const message = `Non-unique response for ${displayName(path)}!`;
  throw new HpssOSError('unavailable', message, text, { kind: 'unknown', hpssCode: undefined, retry: 'no' });
}

/** The error for a line that is none of a listing. */
export function unreadable(path: string, line: string): HpssError {
  return new HpssError(
    'unavailable',
    `a line of the listing of '${displayName(path)}' cannot be read: '${displayName(line)}'`,
    { facts: { path, line } },
  );
}

function circle(path: string): HpssOSError {
  const message = `'${displayName(path)}' is a link that leads in a circle`;
  return new HpssOSError('unavailable', message, message, { kind: 'shape', hpssCode: -40, retry: 'no' });
}
