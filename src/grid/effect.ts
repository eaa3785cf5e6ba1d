import { absoluteLfn, baseOfLfn, type Here } from './lfn.ts';
import type { GridResult, Reply } from './reply.ts';
import { type Request, requestLimit } from './request.ts';

/** What was found out about a command whose reply was lost. */
export type Effect =
  | { readonly kind: 'done'; readonly found: string; readonly results?: readonly GridResult[] }
  | { readonly kind: 'not done'; readonly found: string }
  | { readonly kind: 'unknown'; readonly found: string };

/** Asks the server something that may be asked again. */
export type Ask = (command: string, ...args: readonly string[]) => Promise<Reply>;

/** How the effect of a command can be seen. */
export interface EffectProbe {
  /** What must be known before the command is sent. Most need nothing. */
  readonly before?: (ask: Ask) => Promise<Before>;
  after(ask: Ask, before: Before): Promise<Effect>;
}

/** What lay there, or that nothing did; undefined where that could not be seen. */
export type Before = GridResult | 'absent' | undefined;

/** How to see whether this command was done; undefined where the catalogue does not tell. `here` is where it runs. */
export function effectProbe({ command, args }: Request, here: Here): EffectProbe | undefined {
  const names = args.filter(
    (arg, index) => !arg.startsWith('-') || (args.indexOf('--') < index && args.includes('--')),
  );
  const lfns = names.map((name) => absoluteLfn(name, here));
  if (lfns.length === 0) return undefined;
  switch (command) {
    case 'rm':
    case 'rmdir':
      return removed(lfns);
    case 'touch':
      return touched(lfns);
    case 'mv':
      return lfns.length === 2 ? moved(lfns[0]!, lfns[1]!) : undefined;
    case 'commit':
      return args.length >= 8 ? { after: (ask) => committed(ask, args) } : undefined;
    default:
      return undefined;
  }
}

const absent = 2;
const roomForCommand = 100;

async function statOf(ask: Ask, lfn: string): Promise<Before> {
  const reply = await ask('stat', '-nomsg', lfn);
  if (reply.exitCode === absent) return 'absent';
  return reply.exitCode === 0 ? reply.results[0] : undefined;
}

/** A pattern is asked as one: what still matches it is still there. */
async function isThere(ask: Ask, lfn: string): Promise<boolean | undefined> {
  if (isPattern(lfn)) {
    const reply = await ask('ls', '-a', '-nomsg', lfn);
    return reply.exitCode === absent ? false : reply.exitCode === 0 ? true : undefined;
  }
  const found = await statOf(ask, lfn);
  return found === undefined ? undefined : found !== 'absent';
}

/** That nothing is there proves nothing of what was not there before: the server would have answered with an error. */
function removed(lfns: readonly string[]): EffectProbe {
  return {
    async before(ask) {
      const absentLfns = await absentOf(ask, lfns);
      if (absentLfns === undefined) return undefined;
      return absentLfns.length === lfns.length ? 'absent' : { absent: absentLfns.join(', ') };
    },
    async after(ask, before) {
      const absentLfns = await absentOf(ask, lfns);
      if (absentLfns === undefined) return { kind: 'unknown', found: `nothing can be said of ${lfns.join(', ')}` };
      const there = lfns.filter((lfn) => !absentLfns.includes(lfn));
      if (there.length > 0) return { kind: 'not done', found: `still there: ${there.join(', ')}` };
      if (before === 'absent') return { kind: 'not done', found: `${lfns.join(', ')} was not there before` };
      const gone = `${lfns.join(', ')} is not there any more`;
      if (before === undefined) return { kind: 'unknown', found: `${gone}; whether it was before could not be seen` };
      if (before.absent !== '') return { kind: 'unknown', found: `${gone}, and ${before.absent} was not before` };
      return { kind: 'done', found: gone };
    },
  };
}

/** Those of these names that are not there; undefined where that cannot be seen. As few requests as can be for the names, and one for each pattern. */
async function absentOf(ask: Ask, lfns: readonly string[]): Promise<readonly string[] | undefined> {
  const missing: string[] = [];
  for (const names of inRequests(lfns.filter((lfn) => !isPattern(lfn)))) {
    const reply = await ask('stat', '-nomsg', ...names);
    if (reply.exitCode !== 0 && reply.exitCode !== absent) return undefined;
    const there = new Set(reply.results.map(({ lfn, file }) => bare(String(lfn ?? file))));
    if (reply.exitCode === absent) missing.push(...names.filter((name) => !there.has(bare(name))));
  }
  for (const lfn of lfns.filter(isPattern)) {
    const answer = await isThere(ask, lfn);
    if (answer === undefined) return undefined;
    if (!answer) missing.push(lfn);
  }
  return missing;
}

/** Names in portions that a request can carry; absolute ones may be much longer than what was typed. */
function inRequests(names: readonly string[]): readonly (readonly string[])[] {
  const portions: string[][] = [];
  let length = Infinity;
  for (const name of names) {
    length += JSON.stringify(name).length + 1;
    if (length > requestLimit - roomForCommand) {
      portions.push([]);
      length = JSON.stringify(name).length + 1;
    }
    portions.at(-1)!.push(name);
  }
  return portions;
}

function isPattern(lfn: string): boolean {
  return /[*?[]/.test(lfn);
}

function bare(lfn: string): string {
  return lfn.replace(/(?<=.)\/+$/, '');
}

async function allThere(ask: Ask, lfns: readonly string[]): Promise<Effect> {
  const gone: string[] = [];
  for (const lfn of lfns) {
    const answer = await isThere(ask, lfn);
    if (answer === undefined) return { kind: 'unknown', found: `nothing can be said of ${lfn}` };
    if (!answer) gone.push(lfn);
  }
  if (gone.length === 0) return { kind: 'done', found: `${lfns.join(', ')} is there` };
  return { kind: 'not done', found: `not there: ${gone.join(', ')}` };
}

/** Of what was there before, nothing tells whether it was touched: times have whole seconds, and other clocks. */
function touched(lfns: readonly string[]): EffectProbe {
  return {
    async before(ask) {
      for (const lfn of lfns) if ((await isThere(ask, lfn)) !== false) return { lfn };
      return 'absent';
    },
    async after(ask, before) {
      if (before === 'absent') return allThere(ask, lfns);
      return { kind: 'unknown', found: `${before?.lfn} was there before` };
    },
  };
}

/** That something lies at the target proves nothing unless it is what lay at the source. */
function moved(source: string, target: string): EffectProbe {
  return {
    before: (ask) => statOf(ask, source),
    async after(ask, before) {
      const now = await statOf(ask, source);
      if (now === undefined) return { kind: 'unknown', found: `nothing can be said of ${source}` };
      if (now !== 'absent') return { kind: 'not done', found: `${source} is still there` };
      if (before === 'absent') return { kind: 'not done', found: `${source} was not there` };
      if (before === undefined) return { kind: 'unknown', found: `${source} is gone; what it was could not be seen` };
      const candidates = [target, `${target.replace(/\/$/, '')}/${baseOfLfn(source)}`];
      for (const candidate of candidates) {
        const found = await statOf(ask, candidate);
        if (found !== undefined && found !== 'absent' && isSame(before, found)) {
          return { kind: 'done', found: `${source} is now ${candidate}` };
        }
      }
      return { kind: 'unknown', found: `${source} is gone, and is not at ${target}` };
    },
  };
}

/** A file by its GUID; what has none (a directory, an empty file) by type, owner and permissions. */
function isSame(before: GridResult, after: GridResult): boolean {
  if (before.type !== after.type) return false;
  if (typeof before.guid === 'string' && before.guid !== '') return before.guid === after.guid;
  return ['owner', 'gowner', 'perm', 'size', 'md5'].every((key) => before[key] === after[key]);
}

/** What is registered, the signed envelope says; without one, the arguments do (`commit ENVELOPE SIZE LFN PERM EXPIRE PFN SE GUID MD5`). */
async function committed(ask: Ask, args: readonly string[]): Promise<Effect> {
  const envelope = new Map(
    args[0]!.split('&').map((field) => [field.split('=', 1)[0]!, field.slice(field.indexOf('=') + 1)]),
  );
  const signed = args[0]!.includes('signature=');
  const lfn = (signed ? envelope.get('lfn') : args[2]) ?? '';
  const guid = (signed ? envelope.get('guid') : args[7])?.toLowerCase();
  const se = (signed ? envelope.get('se') : args[6])?.toLowerCase();
  const reply = await ask('whereis', '-nomsg', lfn);
  if (reply.exitCode === absent) return { kind: 'not done', found: `${lfn} is not in the catalogue` };
  if (reply.exitCode !== 0) return { kind: 'unknown', found: `nothing can be said of ${lfn}: ${reply.error}` };
  const held = reply.results.some(
    ({ seName, pfn }) =>
      String(seName).toLowerCase() === se && guid !== undefined && String(pfn).toLowerCase().includes(guid),
  );
  if (!held) return { kind: 'not done', found: `${lfn} has no replica at ${se} with the GUID ${guid}` };
  return {
    kind: 'done',
    found: `${lfn} is registered at ${se}`,
    results: [{ path: lfn, lfn: '1', message: `${lfn} 1` }],
  };
}
