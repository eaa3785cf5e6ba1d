import { absoluteLfn, baseOfLfn, type Here } from './lfn.ts';
import type { GridResult, Reply } from './reply.ts';
import type { Request } from './request.ts';

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
      return { after: (ask) => allGone(ask, lfns) };
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

async function statOf(ask: Ask, lfn: string): Promise<Before> {
  const reply = await ask('stat', '-nomsg', lfn);
  if (reply.exitCode === absent) return 'absent';
  return reply.exitCode === 0 ? reply.results[0] : undefined;
}

/** A pattern is asked as one: what still matches it is still there. */
async function isThere(ask: Ask, lfn: string): Promise<boolean | undefined> {
  if (/[*?[]/.test(lfn)) {
    const reply = await ask('ls', '-a', '-nomsg', lfn);
    return reply.exitCode === absent ? false : reply.exitCode === 0 ? true : undefined;
  }
  const found = await statOf(ask, lfn);
  return found === undefined ? undefined : found !== 'absent';
}

async function allGone(ask: Ask, lfns: readonly string[]): Promise<Effect> {
  const there: string[] = [];
  for (const lfn of lfns) {
    const answer = await isThere(ask, lfn);
    if (answer === undefined) return { kind: 'unknown', found: `nothing can be said of ${lfn}` };
    if (answer) there.push(lfn);
  }
  if (there.length === 0) return { kind: 'done', found: `${lfns.join(', ')} is not there any more` };
  return { kind: 'not done', found: `still there: ${there.join(', ')}` };
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
