import { isStowageError } from '../errors.ts';
import { HpssOSError } from '../hpss/hpss-error.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { listdir } from '../hpss/list-directory.ts';
import { putStream } from '../hpss/put-stream.ts';
import { removePaths } from './hpss-write.ts';

/**
 * What hsi could read otherwise than it was meant. Where it takes a name apart, the second word reaches out of the scratch directory: it is one that
 * nobody has.
 */
const odd: readonly string[] = [
  ...['a stowage-doctor-word', 'a;stowage-doctor-word', 'a : stowage-doctor-word', "it's", 'a"b', 'back\\slash'],
  ...['-dash', 'star*', 'quest?', '[ab]', '*', 'e\u0301', '\udcff'],
];

/** What the odd ones would mean if they were not quoted. */
const plain: readonly string[] = ['a', 'b', 'star-x', 'quests', 'backslash'];

/** How hsi takes odd names. Each list has the names that it is so with. */
export interface NameTrial {
  readonly tried: number;
  readonly refused: readonly string[];
  /** Not listed as given, or not removed. */
  readonly changed: readonly string[];
  /** Names that no command was for, and that were made, changed or removed. */
  readonly touched: readonly string[];
}

/** Stores files with odd names in an empty directory beside others that they could be taken for, lists them, and removes the odd ones. */
export async function tryNames(folder: string, options: HpssOptions): Promise<NameTrial> {
  const bytesOf = new Map([...plain, ...odd].map((name, at) => [name, at + 1]));
  const put = (name: string) => putStream(`${folder}/${name}`, [Buffer.alloc(bytesOf.get(name)!, 'x')], options);
  const listed = async () => new Map((await listdir(folder, options)).map((file) => [file.name, file.stSize]));
  // As many at once as sessions allow; the plain ones first, so that an odd one that reaches another is seen.
  for (const one of await Promise.allSettled(plain.map(put))) if (one.status === 'rejected') throw one.reason;
  const refused = new Set<string>();
  for (const [at, one] of (await Promise.allSettled(odd.map(put))).entries()) {
    if (one.status === 'fulfilled') continue;
    if (!isAboutName(one.reason)) throw one.reason;
    refused.add(odd[at]!);
  }
  const stored = await listed();
  const taken = odd.filter((name) => !refused.has(name));
  const changed = new Set(taken.filter((name) => stored.get(name) !== bytesOf.get(name)));
  const touched = new Set([...stored.keys()].filter((name) => !bytesOf.has(name)));
  for (const name of plain) if (stored.get(name) !== bytesOf.get(name)) touched.add(name);
  const there = taken.filter((name) => stored.has(name));
  await removePaths(
    there.map((name) => `${folder}/${name}`),
    options,
  ).catch((error: unknown) => {
    if (!isAboutName(error)) throw error;
  });
  const left = await listed();
  for (const name of there) if (left.has(name)) changed.add(name);
  for (const name of stored.keys()) if (!left.has(name) && !there.includes(name)) touched.add(name);
  return { tried: odd.length, refused: [...refused], changed: [...changed], touched: [...touched] };
}

/** False for a system that is down, a login, a quota: of the name they say nothing. */
function isAboutName(error: unknown): boolean {
  if (error instanceof HpssOSError) return ['absent', 'shape', 'argument', 'unknown', 'exists'].includes(error.kind);
  return isStowageError(error) && ['refused', 'unavailable'].includes(error.code);
}
