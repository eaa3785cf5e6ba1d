import { timeToText } from '../model/file-time.ts';
import type { StoredObject } from '../store/store.ts';

/** The lines that name an object in the journal. */
export function objectFacts(object: StoredObject) {
  const { key, bytes, version, modifiedNs } = object;
  return { key, bytes, version, ...(modifiedNs === undefined ? {} : { modified: timeToText(modifiedNs) }) };
}
