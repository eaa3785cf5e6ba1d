import { StowageError } from '../errors.ts';
import { askOnce } from '../hpss/ask.ts';
import type { HpssFile } from '../hpss/hpss-file.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { listTree } from '../hpss/list-tree.ts';
import { displayName } from '../model/byte-name.ts';
import type { Written } from '../store/store.ts';
import { objectOfFile } from './hpss-object.ts';
import { type HpssPlaces, indexSuffix, readWaitingName } from './hpss-places.ts';
import { isHtar } from './hpss-publish.ts';
import { removePaths } from './hpss-write.ts';
import { keyOfToken } from './waiting-files.ts';

type Look = (path: string) => Promise<HpssFile | undefined>;

/** What killed runs left in the waiting folder, each once: what waits, and what was put aside for what waited. */
export async function* hpssDebris(places: HpssPlaces, look: Look, options: HpssOptions): AsyncGenerator<Written> {
  const told = new Set<string>();
  if ((await look(places.waiting)) === undefined) return;
  const left = new Map<string, Written>();
  for await (const one of listTree(places.waiting, options)) {
    if ('error' in one) throw one.error;
    for (const file of one.files) {
      const name = file.path.slice(places.waiting.length + 1);
      const { token, isIndex, replacedBy } = readWaitingName(name);
      const key = file.rawType === '-' ? keyOfToken(token.replace(/^h/, '')) : undefined;
      if (key === undefined || told.has(token)) continue;
      const object = objectOfFile(key, file);
      if (replacedBy !== undefined) left.set(token, { key, token, object: { ...object, version: replacedBy } });
      else if (isIndex) left.set(token, left.get(token) ?? { key, token, object });
      else {
        told.add(token);
        left.delete(token);
        yield { key, token, object };
      }
    }
  }
  yield* left.values();
}

/**
 * Removes what was written and not published. What was put aside for it goes back under its name, unless what replaced it stands there. Idempotent.
 */
export async function discardOnHpss(
  places: HpssPlaces,
  look: Look,
  written: Written,
  options: HpssOptions,
): Promise<void> {
  const final = places.object(written.key);
  const waiting = places.waitingObject(written.token);
  const aside = places.replacedObject(written.token, written.object.version);
  const there = async (path: string) => (await look(path)) !== undefined;
  const [hasFinal, hasFinalIndex, hasWaiting, hasIndex, hasAside, hasAsideIndex] = (await Promise.all(
    [final, waiting, aside].flatMap((path) => [there(path), there(path + indexSuffix)]),
  )) as [boolean, boolean, boolean, boolean, boolean, boolean];
  const what = `cannot remove what waits for '${displayName(written.key)}'`;
  const back: (readonly [string, string])[] = [];
  // Our own index has its name already: it goes back first, so that it is not taken for that of the old archive.
  const isOwnIndex = hasFinalIndex && !hasFinal && isHtar(written) && !hasIndex && hasWaiting;
  if (isOwnIndex) back.push([final + indexSuffix, waiting + indexSuffix]);
  if (hasAside && !hasFinal) {
    if (hasAsideIndex) back.push([aside + indexSuffix, final + indexSuffix]);
    back.push([aside, final]);
  }
  if (back.length > 0) {
    const moves = back.map(([from, to]) => ({ text: `mv ${hsiWord(from)} ${hsiWord(to)}` }));
    await askOnce(moves, { ...options, what });
    if (hasAside && !hasFinal && !(await there(final))) throw stays(written, 'the old one could not be put back');
  }
  const isReplaced = hasAside && hasFinal && !hasWaiting;
  const remove = [
    ...(hasWaiting ? [waiting] : []),
    ...(hasIndex || isOwnIndex ? [waiting + indexSuffix] : []),
    ...(isReplaced && (await standsThere(look, final, written)) ? [aside] : []),
    ...(hasAsideIndex && (hasFinal || !hasAside) && !hasWaiting ? [aside + indexSuffix] : []),
  ];
  if (remove.length === 0) return;
  await removePaths(remove, options);
  const left = await Promise.all(remove.map(there));
  if (left.some((one) => one)) throw stays(written, 'it is still there');
}

/** True if what is under the name is what the put-aside object was replaced by. */
async function standsThere(look: Look, final: string, written: Written): Promise<boolean> {
  const file = await look(final);
  return file !== undefined && objectOfFile(written.key, file).version === written.object.version;
}

function stays(written: Written, why: string): StowageError {
  return new StowageError('unavailable', `a leftover of '${displayName(written.key)}' on HPSS stays: ${why}`, {
    hint: 'the next run tries again',
  });
}
