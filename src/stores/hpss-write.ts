import { setTimeout as wait } from 'node:timers/promises';
import { StowageError } from '../errors.ts';
import { ask, askOnce } from '../hpss/ask.ts';
import { isComplaint } from '../hpss/failure-text.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import type { HpssFile } from '../hpss/hpss-file.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { putStream } from '../hpss/put-stream.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Written } from '../store/store.ts';
import { fileOf, objectOfFile } from './hpss-object.ts';
import { type HpssPlaces, indexSuffix } from './hpss-places.ts';
import { newToken } from './waiting-files.ts';

/** Streams bytes under a temporary name. Resolved: HPSS shows as many bytes as we counted, and its digest of them is ours. After a failure nothing waits, if HPSS lets it be removed. */
export async function writeToHpss(
  places: HpssPlaces,
  look: (path: string) => Promise<HpssFile | undefined>,
  key: StoreKey,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: HpssOptions,
): Promise<Written> {
  if (key.endsWith(`.tar${indexSuffix}`))
    throw new StowageError('refused', `'${displayName(key)}' cannot be stored: that is what htar calls its index`, {
      hint: 'give it another name in the rules',
    });
  const token = newToken(key);
  const path = places.waitingObject(token);
  try {
    const put = await putStream(path, bytes, { ...options, look: [places.object(key)] });
    const [now, current] = put.seen.map((one) => fileOf(one, options));
    const file = await unlikeCurrent(places, look, key, path, options, { now, current });
    if (file.stSize !== put.bytes)
      throw new StowageError(
        'unavailable',
        `HPSS has ${file.stSize} of the ${put.bytes} bytes of '${displayName(key)}'`,
        {
          hint: 'run the same command again',
        },
      );
    const object = objectOfFile(key, file);
    return { key, token, object: put.isRecorded ? { ...object, digests: { sha256: put.sha256 } } : object };
  } catch (error) {
    // The first error is the one that matters; what cannot be removed is debris for the next run.
    await removePaths([path], { ...options, retries: 0, downWaitSeconds: 0 }).catch(() => undefined);
    throw error;
  }
}

/** Times have whole seconds: the new object must not look like the one under its name. */
export async function unlikeCurrent(
  places: HpssPlaces,
  look: (path: string) => Promise<HpssFile | undefined>,
  key: StoreKey,
  path: string,
  options: HpssOptions,
  seen: { readonly now: HpssFile | undefined; readonly current: HpssFile | undefined },
): Promise<HpssFile> {
  let { now: file, current } = seen;
  for (let tries = 0; ; tries += 1) {
    if (tries > 0) [file, current] = await Promise.all([look(path), look(places.object(key))]);
    if (file === undefined || file.rawType !== '-')
      throw new StowageError('unavailable', `what was written for '${displayName(key)}' is not to be seen on HPSS`, {
        hint: 'run the same command again',
      });
    const isLike = current !== undefined && objectOfFile(key, current).version === objectOfFile(key, file).version;
    if (!isLike) return file;
    if (tries === 5) throw new StowageError('unavailable', `the time of '${displayName(key)}' on HPSS stands still`);
    await wait(1000);
    await askOnce([{ text: `touch ${hsiWord(path)}` }], { ...options, what: 'cannot set a time' });
  }
}

/** Removes files; those that are not there are no error. Each must be a file of ours. */
export async function removePaths(paths: readonly string[], options: HpssOptions): Promise<void> {
  const commands = paths.map((path) => ({ text: `rm ${hsiWord(path)}` }));
  const what = `cannot remove '${displayName(paths[0] ?? '')}'`;
  await ask(commands, { ...options, what }, (answers) => {
    for (const answer of answers) {
      const failure = hsiFailure(what, answer.map((line) => `${line}\n`).join(''));
      if (answer.some(isComplaint) && failure.kind !== 'absent') throw failure;
    }
  });
}
