import { percentDecode, percentEncode } from '../model/percent.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { newRandomName, waitingFolder } from './waiting-files.ts';

/** Where things of a store on the Grid lie: all are absolute LFNs. */
export interface GridPlaces {
  /** Without a slash at its end. */
  readonly root: string;
  readonly location: string;
  readonly waiting: string;
  object(key: string): string;
  /** Undefined for what does not lie below the root, or could not be a key. */
  keyOf(lfn: string): StoreKey | undefined;
  /** An object that waits, and what stood under its name before it, while it takes its place. */
  waitingObject(token: string): string;
  replacedObject(token: string, newVersion: string): string;
}

/** No token has a plus: it is encoded there. */
const replacedMark = '+old+';

/** The places of a store at this absolute LFN. */
export function gridPlaces(root: string): GridPlaces {
  const below = (name: string) => `${root}/${name}`;
  const waiting = below(waitingFolder);
  return {
    root,
    location: `grid:${percentEncode(root, '/-_.~')}`,
    waiting,
    object: below,
    keyOf(lfn) {
      if (!lfn.startsWith(`${root}/`)) return undefined;
      try {
        return storeKey(lfn.slice(root.length + 1));
      } catch {
        return undefined;
      }
    },
    waitingObject: (token) => `${waiting}/${token}`,
    replacedObject: (token, version) => `${waiting}/${token}${replacedMark}${version}`,
  };
}

/**
 * A new name for what is to become this object. It tells the key, and holds nothing that a server could take for a pattern or that would break the text of an envelope: what storage elements see
 * are these names.
 */
export function newGridToken(key: StoreKey): string {
  return `${newRandomName()}.${percentEncode(key, '-_.').replaceAll('%', '=')}`;
}

/** What a name in the waiting folder says; undefined if it is none of ours. */
export function readWaitingName(
  name: string,
): { readonly token: string; readonly key: StoreKey; readonly replacedBy?: string } | undefined {
  const at = name.lastIndexOf(replacedMark);
  const token = at < 0 ? name : name.slice(0, at);
  const match = /^[0-9a-f]{16}\.([\w.=-]+)$/.exec(token);
  if (match === null) return undefined;
  try {
    const key = storeKey(percentDecode(match[1]!.replaceAll('=', '%')));
    return at < 0 ? { token, key } : { token, key, replacedBy: name.slice(at + replacedMark.length) };
  } catch {
    return undefined; // not a name of ours: left alone
  }
}
