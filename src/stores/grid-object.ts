import type { StoreKey } from '../model/store-key.ts';
import type { StoredObject } from '../store/store.ts';

/** What the catalogue says of a file, by whichever of its commands. */
export interface GridFile {
  readonly bytes?: number;
  readonly md5?: string;
  readonly guid?: string;
  readonly changed: Date;
}

/**
 * A file of the catalogue as an object. Its version is its GUID, which stands for one content and no other; a file without one, which was made without content, has its size and time. The time is
 * that in the GUID where it has one, to 100 ns: that of the catalogue has whole seconds, in which two files can be made.
 */
export function gridObject(key: StoreKey, { bytes = 0, md5, guid, changed }: GridFile): StoredObject {
  const version = guid?.toLowerCase() ?? `${bytes}-${changed.getTime()}`;
  return {
    key,
    bytes,
    version,
    modifiedNs: guidTimeNs(version) ?? BigInt(changed.getTime()) * 1_000_000n,
    digests: md5 === undefined || !/^[0-9a-f]{32}$/i.test(md5) ? {} : { md5: md5.toLowerCase() },
    state: 'readable',
  };
}

/** 100-nanosecond steps between 1582-10-15, where GUIDs of version 1 begin to count, and 1970 (RFC 4122, 4.1.4). */
const epochSteps = 122_192_928_000_000_000n;

/** When a GUID of version 1 was made. */
function guidTimeNs(guid: string): bigint | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-1([0-9a-f]{3})-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(guid);
  if (match === null) return undefined;
  return (BigInt(`0x${match[3]}${match[2]}${match[1]}`) - epochSteps) * 100n;
}
