import { followLinks, type SeenPath } from '../hpss/follow-links.ts';
import type { HpssFile } from '../hpss/hpss-file.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hpssFile } from '../hpss/listing.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { StoredObject } from '../store/store.ts';

/**
 * A file of HPSS as an object. The version is its size and time as HPSS prints it, whatever the zone is taken to be: HPSS keeps no finer time, so that whoever replaces an object takes
 * care that the new one has another.
 */
export function objectOfFile(key: StoreKey, file: HpssFile): StoredObject {
  const { stSize, rawYear, rawMonth, rawDay, rawHms } = file;
  return {
    key,
    bytes: stSize,
    version: `${stSize}-${rawYear}${rawMonth}${String(rawDay).padStart(2, '0')}T${rawHms.replaceAll(':', '')}`,
    modifiedNs: BigInt(file.stMtime) * 1_000_000_000n,
    ...(file.options.zone === undefined ? { isZoneUnknown: true as const } : {}),
    digests: {},
    // HPSS brings what sleeps when it is asked for.
    state: 'readable',
  };
}

interface Wish {
  readonly path: string;
  resolve(file: HpssFile | undefined): void;
  reject(error: unknown): void;
}

/** Looks at paths, links followed; what is asked at the same time is asked in one session. Undefined if there is no such file. */
export function hpssLooks(options: HpssOptions): (path: string) => Promise<HpssFile | undefined> {
  let wishes: Wish[] = [];
  const ask = async () => {
    const asked = wishes;
    wishes = [];
    try {
      const paths = [...new Set(asked.map(({ path }) => path))];
      const seen = await followLinks(paths, options);
      const found = new Map(paths.map((path, at) => [path, seen[at]]));
      for (const { path, resolve } of asked) resolve(fileOf(found.get(path), options));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  return (path) =>
    new Promise((resolve, reject) => {
      if (wishes.length === 0) setImmediate(ask);
      wishes.push({ path, resolve, reject });
    });
}

/** A path that was looked at, as a file. */
export function fileOf(seen: SeenPath | undefined, options: HpssOptions): HpssFile | undefined {
  return seen === undefined ? undefined : hpssFile(seen.path, seen.line, seen.line.name, options);
}
