import { isStowageError } from '../errors.ts';
import { askOnce } from '../hpss/ask.ts';
import { keptDigest } from '../hpss/digest.ts';
import { HpssOSError } from '../hpss/hpss-error.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { putStream } from '../hpss/put-stream.ts';
import { isdir, lstatAll } from '../hpss/stat.ts';
import { displayName } from '../model/byte-name.ts';
import type { Diagnosis, StoreCheck } from '../store/examination.ts';
import { tryNames } from './hpss-name-trial.ts';
import type { HpssPlaces } from './hpss-places.ts';
import { hpssScratch } from './hpss-scratch.ts';

/** What no manual says for certain of a site's hsi, and the store is built upon: each is tried, in a scratch directory of its own. */
export function hpssChecks(places: HpssPlaces, options: HpssOptions): readonly StoreCheck[] {
  const check = (
    name: string,
    attempt: (folder: string, options: HpssOptions) => Promise<readonly Diagnosis[]>,
  ): StoreCheck => ({
    name,
    async examine(call = {}) {
      // That the store is not there is told where it is tried.
      if (!(await isdir(places.root, options))) return [];
      const scratch = await hpssScratch(places, options);
      try {
        return await attempt(scratch.path, { ...options, ...call });
      } finally {
        await scratch.remove();
      }
    },
  });
  const store = `the store ${displayName(places.location)}`;
  return [
    check('hpss-names', (folder, options) => names(store, folder, options)),
    check('hpss-move', (folder, options) => moves(store, folder, options)),
    check('hpss-digests', (folder, options) => digests(store, folder, options)),
  ];
}

async function names(store: string, folder: string, options: HpssOptions): Promise<readonly Diagnosis[]> {
  const { tried, refused, changed, touched } = await tryNames(folder, options);
  const found: Diagnosis[] = [];
  if (touched.length > 0)
    found.push({
      outcome: 'problem',
      found: `${store}: a command for one name came to others: ${shown(touched)}`,
      advice: 'do not archive there under names with blanks, quotes or wildcards; report it with the log of --log-file',
    });
  if (changed.length > 0)
    found.push({
      outcome: 'problem',
      found: `${store}: names do not come back, or cannot be removed, as they were given: ${shown(changed)}`,
      advice: 'give no archive such a name in the rules: it would look missing; report it with the log of --log-file',
    });
  if (refused.length > 0)
    found.push({
      outcome: 'warning',
      found: `${store}: hsi refuses names: ${shown(refused)}`,
      advice: 'archives with such names cannot be stored there; their rules can name them otherwise',
    });
  if (found.length > 0) return found;
  return [
    { outcome: 'ok', found: `${store}: ${tried} odd names come back as they were given, and no other is touched` },
  ];
}

async function moves(store: string, folder: string, options: HpssOptions): Promise<readonly Diagnosis[]> {
  const [free, moved, one, taken] = ['free', 'moved', 'one', 'taken'].map((name) => `${folder}/${name}`) as [
    string,
    string,
    string,
    string,
  ];
  const contents = [
    [free, 'to a free name'],
    [one, 'new'],
    [taken, 'older'],
  ] as const;
  for (const [path, content] of contents) await putStream(path, [Buffer.from(content)], options);
  const commands = [
    { text: `mv ${hsiWord(free)} ${hsiWord(moved)}` },
    { text: `mv ${hsiWord(one)} ${hsiWord(taken)}` },
  ];
  await askOnce(commands, { ...options, what: `cannot move in '${displayName(folder)}'` });
  const sizes = (await lstatAll([free, moved, one, taken], options)).map((file) => file?.stSize);
  const [freeBytes, movedBytes, ...rest] = sizes;
  if (freeBytes !== undefined || movedBytes !== 14)
    return [
      {
        outcome: 'problem',
        found: `${store}: a file that is moved does not get its new name`,
        advice: 'do not archive there: no archive would get its name; see whether "mv" works in hsi by hand',
      },
    ];
  if (rest[0] === 3 && rest[1] === 5)
    return [{ outcome: 'ok', found: `${store}: files can be moved, and never onto another` }];
  if (rest[0] === undefined && rest[1] === 3)
    return [
      {
        outcome: 'warning',
        found: `${store}: a file that is moved replaces what has its new name, without a word`,
        advice:
          'Stowage never moves onto a name that it sees; let nothing else write the same archives at the same time',
      },
    ];
  return [
    {
      outcome: 'problem',
      found: `${store}: after a file was moved onto another, neither is what it was`,
      advice: 'do not archive there; report it with the log of --log-file',
    },
  ];
}

async function digests(store: string, folder: string, options: HpssOptions): Promise<readonly Diagnosis[]> {
  const none = (why: string): readonly Diagnosis[] => [
    {
      outcome: 'warning',
      found: `${store}: HPSS keeps no digest of what it is given: ${why}`,
      advice: 'verify with --level read, which reads tape: at --level digest all archives there are unproven',
    },
  ];
  const path = `${folder}/digest`;
  try {
    const put = await putStream(path, [Buffer.from('what HPSS keeps a digest of')], options);
    const kept = await keptDigest(path, 'sha256', options);
    if (kept === undefined) return none('hashlist knows of none');
    if (kept === put.sha256) return [{ outcome: 'ok', found: `${store}: HPSS keeps the SHA-256 of what it is given` }];
  } catch (error) {
    // Where hsi does not know the command, or says nothing, the store does without.
    if (error instanceof HpssOSError && ['unknown', 'argument'].includes(error.kind)) return none(error.message);
    if (!isStowageError(error) || error.code !== 'corrupt') throw error;
  }
  return [
    {
      outcome: 'problem',
      found: `${store}: the digest that HPSS keeps is not of what it was given`,
      advice: 'do not archive there; tell your centre',
    },
  ];
}

function shown(given: readonly string[]): string {
  return given.map((name) => `'${displayName(name)}'`).join(', ');
}
