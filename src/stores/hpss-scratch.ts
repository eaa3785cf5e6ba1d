import { randomBytes } from 'node:crypto';
import { type Holder, holderState, thisHolder } from '../durable/holder.ts';
import { askOnce } from '../hpss/ask.ts';
import { makedirs } from '../hpss/change.ts';
import { isComplaint } from '../hpss/failure-text.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { listdir } from '../hpss/list-directory.ts';
import type { HpssPlaces } from './hpss-places.ts';

/** An empty directory on HPSS, among what waits: no listing of the store enters it. */
export interface HpssScratch {
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** Makes one, and removes those of processes of this machine that were killed; the store must be there. */
export async function hpssScratch(places: HpssPlaces, options: HpssOptions): Promise<HpssScratch> {
  const path = `${places.waiting}/doctor-${randomBytes(8).toString('hex')}.${textOf(thisHolder())}`;
  await makedirs(path, options);
  const left = (await listdir(places.waiting, options)).filter(({ rawType, name }) => rawType === 'd' && isLeft(name));
  if (left.length > 0)
    await removeTrees(
      left.map((one) => one.path),
      options,
    );
  return { path, remove: () => removeTrees([path], options) };
}

async function removeTrees(paths: readonly string[], options: HpssOptions): Promise<void> {
  const what = `cannot remove '${paths[0]}'`;
  const commands = paths.map((path) => ({ text: `rm -R ${hsiWord(path)}` }));
  for (const answer of await askOnce(commands, { ...options, what })) {
    const failure = hsiFailure(what, answer.map((line) => `${line}\n`).join(''));
    if (answer.some(isComplaint) && failure.kind !== 'absent') throw failure;
  }
}

/** Whose it is stands in its name, so that it can be told when that process is gone. */
function textOf({ host, bootId, pidNamespace, pid, startTime }: Holder): string {
  return Buffer.from(JSON.stringify([host, bootId, pidNamespace, pid, startTime])).toString('base64url');
}

function isLeft(name: string): boolean {
  const text = /^doctor-[0-9a-f]{16}\.([\w-]+)$/.exec(name)?.[1];
  if (text === undefined) return false;
  try {
    const [host, bootId, pidNamespace, pid, startTime] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    // What JSON has as null was not known.
    const known = { bootId, pidNamespace, startTime };
    const facts = Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === 'string'));
    return holderState({ host: String(host), pid: Number(pid), ...facts }) === 'dead';
  } catch {
    return false; // nothing of ours
  }
}
