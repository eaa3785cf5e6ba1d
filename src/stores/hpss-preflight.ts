import { access, constants } from 'node:fs/promises';
import { type Answer, ask } from '../hpss/ask.ts';
import { failureIn, isComplaint } from '../hpss/failure-text.ts';
import { lookAnswer, lookCommand } from '../hpss/follow-links.ts';
import { getHpssDir } from '../hpss/hpss-dir.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord, unspeakable } from '../hpss/hsi-word.ts';
import type { ListingLine } from '../hpss/listing-line.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentEncode } from '../model/percent.ts';
import { parentOf } from '../model/relative-path.ts';
import type { Obstacle, WantedObject } from '../store/store.ts';
import { type HpssPlaces, indexSuffix } from './hpss-places.ts';

export interface PreflightOptions extends HpssOptions {
  /** Also makes a directory and removes it again, to see that we may: its name. */
  readonly trial?: string;
}

/** All that would stand in the way of writing these objects, in one session of hsi: names, permissions, the quota, and whether htar is there at all. */
export async function hpssPreflight(
  places: HpssPlaces,
  wants: readonly WantedObject[],
  options: PreflightOptions,
): Promise<readonly Obstacle[]> {
  const found: Obstacle[] = [];
  if (wants.some((want) => want.byStore)) found.push(...(await missingProgram('htar', options)));
  const sayable: WantedObject[] = [];
  for (const want of wants) {
    const reason = unspeakableKey(want.key);
    if (reason === undefined) sayable.push(want);
    else found.push({ key: want.key, reason });
  }
  const seen = await look(places, sayable, options);
  if (seen.refusal !== undefined) found.push(seen.refusal);
  for (const { key } of sayable) {
    const reason = obstacleAbove(places, key, seen.lines, seen.user);
    if (reason !== undefined) found.push({ key, reason });
  }
  const full = beyondQuota(sayable, places, seen);
  return full === undefined ? found : [...found, full];
}

async function missingProgram(name: string, options: HpssOptions): Promise<readonly Obstacle[]> {
  const path = `${getHpssDir(options)}/${name}`;
  try {
    await access(fsPath(path), constants.X_OK);
    return [];
  } catch {
    const reason = `there is no program '${displayName(path)}'`;
    return [{ reason, advice: 'set HPSS_DIR to where bin/htar is, or "htar": false under "hpss"', stops: true }];
  }
}

function unspeakableKey(key: string): string | undefined {
  const problem = unspeakable(key);
  if (problem !== undefined) return `hsi cannot be told of its name: ${problem}`;
  return key.endsWith(`.tar${indexSuffix}`) ? 'that is what htar calls its index' : undefined;
}

/** What HPSS says of all that matters. */
interface Seen {
  /** By path: what is there. */
  readonly lines: ReadonlyMap<string, ListingLine>;
  /** Who we are there, as far as it was seen. */
  readonly user: Pick<ListingLine, 'owner' | 'group'> | undefined;
  readonly quota: { readonly used: number; readonly most: number } | undefined;
  readonly refusal: Obstacle | undefined;
}

async function look(places: HpssPlaces, wants: readonly WantedObject[], options: PreflightOptions): Promise<Seen> {
  const paths = new Set<string>([places.root]);
  for (const { key, replaces } of wants) {
    for (let above = parentOf(key); above !== ''; above = parentOf(above)) paths.add(places.object(above));
    if (replaces) paths.add(places.object(key));
  }
  const trial =
    options.trial === undefined ? undefined : `${places.waiting}/${percentEncode(options.trial, '-_')}.trial`;
  const tried =
    trial === undefined
      ? []
      : [{ text: `mkdir -p ${hsiWord(trial)}` }, lookCommand(trial), { text: `rmdir ${hsiWord(trial)}` }];
  const commands = [{ text: 'quota' }, ...tried, ...[...paths].map(lookCommand)];
  const what = 'cannot see what stands in the way on HPSS';
  return ask(commands, { ...options, what }, ([quota, ...answers]) => {
    const [made, shown, removed] = answers.splice(0, tried.length) as Answer[];
    const refusal = trial === undefined ? undefined : refusalOf(places, [made!, removed!]);
    const user = trial === undefined || refusal !== undefined ? undefined : lookAnswer(shown!, trial)?.line;
    const lines = new Map<string, ListingLine>();
    for (const [at, path] of [...paths].entries()) {
      const line = lookAnswer(answers[at]!, path)?.line;
      if (line !== undefined) lines.set(path, line);
    }
    return { lines, user, quota: quotaIn(quota!), refusal };
  });
}

/** Everything goes through the waiting folder: whoever cannot write there can write nothing. */
function refusalOf(places: HpssPlaces, answers: readonly Answer[]): Obstacle | undefined {
  const complaint = answers.flat().find(isComplaint);
  if (complaint === undefined) return undefined;
  const { line } = failureIn(complaint);
  const reason = `nothing can be written to '${displayName(places.waiting)}': ${displayName(line)}`;
  return { reason, advice: `hsi "ls -ld ${displayName(places.root)}" shows whose it is`, stops: true };
}

/** `USER: N bytes used of M bytes`; a site whose hsi says something else, or nothing, keeps its quota to itself. */
function quotaIn(answer: Answer): Seen['quota'] {
  const match = /([\d,]+) bytes used of ([\d,]+) bytes/.exec(answer.join('\n'));
  if (match === null) return undefined;
  const [used, most] = match.slice(1).map((one) => Number(one.replaceAll(',', ''))) as [number, number];
  return { used, most };
}

/** Why nothing can be put below the deepest directory above a key that is there. */
function obstacleAbove(
  places: HpssPlaces,
  key: string,
  lines: ReadonlyMap<string, ListingLine>,
  user: Seen['user'],
): string | undefined {
  for (let above = parentOf(key); ; above = parentOf(above)) {
    const path = above === '' ? places.root : places.object(above);
    const line = lines.get(path);
    if (line !== undefined && line.type !== 'l') {
      if (line.type !== 'd') return `'${displayName(path)}' is there and is no directory`;
      return mayWrite(line, user)
        ? undefined
        : `we may not write to '${displayName(path)}' (${line.permission}, ${line.owner}:${line.group})`;
    }
    if (line !== undefined || above === '') return undefined;
  }
}

/** False only where it is certain: an ACL may allow what the letters do not, and what groups we are in nobody tells. */
function mayWrite({ permission, mark, owner, group }: ListingLine, user: Seen['user']): boolean {
  if (mark !== '') return true;
  const [byOwner, byGroup, byAll] = [1, 4, 7].map((at) => permission[at] === 'w') as [boolean, boolean, boolean];
  if (user === undefined) return byOwner || byGroup || byAll;
  if (owner === user.owner) return byOwner;
  return group === user.group ? byGroup : byGroup || byAll;
}

/** While an archive is replaced the old one counts as well, and so does each that is new. */
function beyondQuota(
  wants: readonly WantedObject[],
  places: HpssPlaces,
  { quota, lines }: Pick<Seen, 'quota' | 'lines'>,
): Obstacle | undefined {
  if (quota === undefined) return undefined;
  let more = 0;
  let largest = 0;
  for (const { key, bytes } of wants) {
    const old = lines.get(places.object(key))?.bytes ?? 0;
    more += bytes - old;
    largest = Math.max(largest, old);
  }
  const most = Math.max(quota.used, quota.used + more) + largest;
  if (most <= quota.most) return undefined;
  const reason = `the quota on HPSS is ${quota.most} bytes: ${quota.used} are used, and this needs up to ${most}`;
  return { reason, advice: 'free space on HPSS or ask for more; what fits is stored all the same' };
}
