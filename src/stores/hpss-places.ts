import { percentEncode } from '../model/percent.ts';
import { waitingFolder } from './waiting-files.ts';

/** Where things of an HPSS store lie. */
export interface HpssPlaces {
  readonly root: string;
  readonly location: string;
  readonly waiting: string;
  object(key: string): string;
  /** An object that waits, and what stood under its name before it, while it takes its place. */
  waitingObject(token: string): string;
  replacedObject(token: string, newVersion: string): string;
}

/** What an index of htar is called: the archive's name and this. */
export const indexSuffix = '.idx';

const replacedMark = '.replaced-by.';

/** The places of a store at this absolute HPSS path. */
export function hpssPlaces(root: string): HpssPlaces {
  const path = root.replace(/(?<=.)\/+$/, '');
  const below = (name: string) => (path === '/' ? `/${name}` : `${path}/${name}`);
  const waiting = below(waitingFolder);
  return {
    root: path,
    location: `hpss:${percentEncode(path, '/-_.~')}`,
    waiting,
    object: below,
    waitingObject: (token) => `${waiting}/${token}`,
    replacedObject: (token, version) => `${waiting}/${token}${replacedMark}${version}`,
  };
}

/** What a name in the waiting folder says: whose it is, and what it is. */
export function readWaitingName(name: string): {
  readonly token: string;
  readonly isIndex: boolean;
  /** The version of what replaced it, if it stood under its name before. */
  readonly replacedBy?: string;
} {
  const isIndex = name.endsWith(indexSuffix);
  const own = isIndex ? name.slice(0, -indexSuffix.length) : name;
  const at = own.lastIndexOf(replacedMark);
  if (at < 0) return { token: own, isIndex };
  return { token: own.slice(0, at), isIndex, replacedBy: own.slice(at + replacedMark.length) };
}
