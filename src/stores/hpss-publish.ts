import { StowageError } from '../errors.ts';
import { ask } from '../hpss/ask.ts';
import { isComplaint } from '../hpss/failure-text.ts';
import { lookAnswer, lookCommand, type SeenPath } from '../hpss/follow-links.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import type { HsiCommand } from '../hpss/session.ts';
import { displayName } from '../model/byte-name.ts';
import { parentOf } from '../model/relative-path.ts';
import { publishDecision } from '../store/publish-decision.ts';
import type { Published, StoredObject, Versions, Written } from '../store/store.ts';
import { fileOf, objectOfFile } from './hpss-object.ts';
import { type HpssPlaces, indexSuffix } from './hpss-places.ts';
import { removePaths } from './hpss-write.ts';

/** What lies where, of one object that is to be published: the archive and its index, each under three names. */
interface Sight {
  readonly final: StoredObject | undefined;
  readonly finalIndex: boolean;
  readonly waiting: boolean;
  readonly waitingIndex: boolean;
  /** What stood under the name before, put aside. */
  readonly replaced: StoredObject | undefined;
  readonly replacedIndex: boolean;
}

interface Moving {
  readonly one: Written;
  readonly sight: Sight;
}

/**
 * Gives written objects their names. Nothing is ever moved over anything: what is replaced is put aside first, then the index gets its name, then the archive, and only when that
 * is seen under its name is the old one removed. What was done of it before a kill is seen from what lies where, and the rest is done.
 */
export async function* publishOnHpss(
  places: HpssPlaces,
  written: readonly Written[],
  replaces: Versions | undefined,
  options: HpssOptions,
): AsyncGenerator<Published> {
  let failure: { readonly error: unknown } | undefined;
  const going: { readonly one: Written; readonly sight: Sight; readonly isDone: boolean }[] = [];
  const sights = await inOneSession([], written, places, options);
  for (const [at, one] of written.entries()) {
    try {
      going.push({ one, sight: sights[at]!, isDone: decide(one, sights[at]!, replaces?.get(one.key)) });
    } catch (error) {
      failure = { error };
      break;
    }
  }
  // An archive that has its name while its index still waits was killed, or refused, in between.
  const moving = going.filter(({ isDone, sight }) => !isDone || sight.waitingIndex);
  await putAside(places, moving, options);
  const after = await giveNames(places, moving, options);
  for (const { one, sight } of going) {
    const now = after.get(one) ?? sight;
    if (now.final?.version !== one.object.version || now.waiting || now.waitingIndex)
      throw new StowageError('unavailable', `'${displayName(one.key)}' did not get its name on HPSS`, {
        hint: 'run the same command again: what waits is finished or removed first',
        facts: { seen: now.final?.version, expected: one.object.version, waits: now.waiting },
      });
    const old = places.replacedObject(one.token, one.object.version);
    const aside = [...(now.replaced ? [old] : []), ...(now.replacedIndex ? [old + indexSuffix] : [])];
    // The new one stands: what cannot be removed now is debris for the next run, and no failure of this one.
    if (aside.length > 0)
      await removePaths(aside, { ...options, retries: 0, downWaitSeconds: 0 }).catch(() => undefined);
    yield { key: one.key, object: now.final };
  }
  if (failure !== undefined) throw failure.error;
}

/** Does these commands, and then looks at what lies where, all in one session. */
async function inOneSession(
  commands: readonly HsiCommand[],
  written: readonly Written[],
  places: HpssPlaces,
  options: HpssOptions,
): Promise<readonly Sight[]> {
  if (written.length === 0) return [];
  const paths = written.flatMap((one) => {
    const replaced = places.replacedObject(one.token, one.object.version);
    return [places.object(one.key), places.waitingObject(one.token), replaced].flatMap((path) => [
      path,
      path + indexSuffix,
    ]);
  });
  const what = `cannot publish '${displayName(written[0]!.key)}'`;
  const asked = [...commands, ...paths.map(lookCommand)];
  // A deed is done once; only looking is tried again.
  const tries = commands.length > 0 ? { retries: 0, downWaitSeconds: 0 } : {};
  return ask(asked, { ...options, ...tries, what }, (answers) => {
    for (const answer of answers.slice(0, commands.length)) {
      if (!answer.some(isComplaint)) continue;
      const failure = hsiFailure(what, answer.map((line) => `${line}\n`).join(''));
      // What another complaint came to is seen below.
      if (['authentication', 'down', 'full'].includes(failure.kind)) throw failure;
    }
    const seen = paths.map((path, at) => lookAnswer(answers[commands.length + at]!, path));
    return written.map((one, at) => sightOf(one, seen.slice(6 * at, 6 * at + 6), options));
  });
}

function sightOf(one: Written, seen: readonly (SeenPath | undefined)[], options: HpssOptions): Sight {
  const [f, fi, w, wi, o, oi] = seen;
  const objectOf = (path: SeenPath | undefined) => {
    const file = fileOf(path, options);
    return file === undefined ? undefined : objectOfFile(one.key, file);
  };
  return {
    final: objectOf(f),
    finalIndex: fi !== undefined,
    waiting: w !== undefined,
    waitingIndex: wi !== undefined,
    replaced: objectOf(o),
    replacedIndex: oi !== undefined,
  };
}

/** True if it stands under its name already. Throws as the contract says. */
function decide(one: Written, sight: Sight, expected: string | undefined): boolean {
  // Put aside by a run that was killed: it still counts as what is under the name.
  const current = sight.final ?? (sight.waiting ? sight.replaced : undefined);
  const isOurs = !sight.waiting && current?.version === one.object.version;
  return publishDecision(one, current, expected, { isOurs, isWaiting: sight.waiting }) === 'done';
}

/** What is to be replaced goes aside, and is seen there, before anything takes its place. */
async function putAside(places: HpssPlaces, moving: readonly Moving[], options: HpssOptions): Promise<void> {
  const asides = moving.flatMap(({ one, sight }) => {
    const archive = sight.final !== undefined && sight.waiting;
    // An index under the name while ours still waits, or while we have none, is of the old archive, or of none.
    const index = sight.finalIndex && !sight.replacedIndex && (sight.waitingIndex || !isHtar(one));
    return archive || index ? [{ one, archive, index }] : [];
  });
  if (asides.length === 0) return;
  const moves = asides.flatMap(({ one, archive, index }) => {
    const [from, to] = [places.object(one.key), places.replacedObject(one.token, one.object.version)];
    return [...(archive ? [move(from, to)] : []), ...(index ? [move(from + indexSuffix, to + indexSuffix)] : [])];
  });
  const written = asides.map(({ one }) => one);
  const after = await inOneSession(moves, written, places, options);
  for (const [at, { one, archive, index }] of asides.entries()) {
    const now = after[at]!;
    const isAside =
      (!archive || (now.final === undefined && now.replaced !== undefined)) &&
      (!index || (!now.finalIndex && now.replacedIndex));
    if (isAside) continue;
    throw new StowageError('unavailable', `the old '${displayName(one.key)}' could not be put aside on HPSS`, {
      hint: 'run the same command again; nothing is lost',
    });
  }
}

async function giveNames(
  places: HpssPlaces,
  moving: readonly Moving[],
  options: HpssOptions,
): Promise<ReadonlyMap<Written, Sight>> {
  const folders = new Set(moving.map(({ one }) => parentOf(places.object(one.key))));
  const made = [...folders].map((folder) => ({ text: `mkdir -p ${hsiWord(folder)}` }));
  const moves = moving.flatMap(({ one, sight }) => {
    const [from, to] = [places.waitingObject(one.token), places.object(one.key)];
    return [
      ...(sight.waitingIndex ? [move(from + indexSuffix, to + indexSuffix)] : []),
      ...(sight.waiting ? [move(from, to)] : []),
    ];
  });
  const written = moving.map(({ one }) => one);
  const after = await inOneSession([...made, ...moves], written, places, options);
  return new Map(written.map((one, at) => [one, after[at]!]));
}

function move(from: string, to: string): HsiCommand {
  return { text: `mv ${hsiWord(from)} ${hsiWord(to)}` };
}

/** True for what htar wrote: it has an index beside it. */
export function isHtar(one: Pick<Written, 'token'>): boolean {
  return one.token.startsWith('h');
}
