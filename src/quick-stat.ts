import { type BigIntStats, fstatSync, lstatSync } from 'node:fs';

/**
 * What lstat(2) or fstat(2) says, at the places of `statField`: every number that is read is exact. The same memory with each call:
 * what is to stay must be copied before the next.
 */
export type StatFields = Float64Array;

/** Where in `StatFields` stands what. The time is that of the last change of the content: seconds since 1970, always above 0, and nanoseconds. */
export const statField = {
  device: 0,
  mode: 1,
  links: 2,
  user: 3,
  group: 4,
  inode: 7,
  bytes: 8,
  seconds: 12,
  nanoseconds: 13,
} as const;

/** Quick looks at what lies on disk. Undefined = ask `node:fs`: for what cannot be looked at, what a number does not hold exactly, and always where there is no quick way. */
export interface QuickStat {
  lstat(path: string | Uint8Array): StatFields | undefined;
  fstat(file: number): StatFields | undefined;
}

/** What `node:fs` itself asks, with the arguments that it gives. */
export interface StatBinding {
  lstat(path: string | Uint8Array, bigint: boolean, request: undefined, throwIfNoEntry: boolean): unknown;
  fstat(file: number, bigint: boolean, request: undefined, shouldNotThrow: boolean): unknown;
}

/** Far beyond any clock that is right. */
const latest = 2 ** 33;
const none: QuickStat = { lstat: () => undefined, fstat: () => undefined };

/**
 * Looks through this binding, if it is called by the public functions just as it is here, and if both say the same of this Node's own program;
 * else looks that are always undefined.
 */
export function quickStat(
  binding: () => StatBinding | undefined,
  plain: { readonly lstatSync: typeof lstatSync; readonly fstatSync: typeof fstatSync },
): QuickStat {
  try {
    // With other arguments than it expects it would end the process.
    if (
      !/\bbinding\.lstat\(\s*[\w.()]+,\s*options\.bigint,\s*undefined,\s*options\.throwIfNoEntry,?\s*\)/.test(
        `${plain.lstatSync}`,
      )
    )
      return none;
    if (!/\bbinding\.fstat\(\s*fd,\s*options\.bigint,\s*undefined,\s*false\b[^,)]*\)/.test(`${plain.fstatSync}`))
      return none;
    const found = binding();
    if (found === undefined) return none;
    const quick = quickBy(found);
    const seen = quick.lstat(process.execPath)?.slice();
    return seen !== undefined && isSame(seen, plain.lstatSync(process.execPath, { bigint: true })) ? quick : none;
  } catch {
    return none;
  }
}

function quickBy(binding: StatBinding): QuickStat {
  return {
    lstat(path) {
      try {
        return exact(binding.lstat(path, false, undefined, false));
      } catch {
        // Whoever asks node:fs gets the error as it is known.
        return undefined;
      }
    },
    fstat(file) {
      try {
        return exact(binding.fstat(file, false, undefined, false));
      } catch {
        return undefined;
      }
    },
  };
}

function exact(fields: unknown): StatFields | undefined {
  if (!(fields instanceof Float64Array) || fields.length < 14) return undefined;
  const seconds = fields[statField.seconds]!;
  const isExact =
    fields[statField.bytes]! <= Number.MAX_SAFE_INTEGER &&
    fields[statField.inode]! <= Number.MAX_SAFE_INTEGER &&
    fields[statField.device]! <= Number.MAX_SAFE_INTEGER &&
    seconds > 0 &&
    seconds < latest;
  return isExact ? fields : undefined;
}

function isSame(fields: StatFields, stats: BigIntStats): boolean {
  return (
    BigInt(fields[statField.device]!) === stats.dev &&
    BigInt(fields[statField.mode]!) === stats.mode &&
    BigInt(fields[statField.links]!) === stats.nlink &&
    BigInt(fields[statField.user]!) === stats.uid &&
    BigInt(fields[statField.group]!) === stats.gid &&
    BigInt(fields[statField.inode]!) === stats.ino &&
    BigInt(fields[statField.bytes]!) === stats.size &&
    BigInt(fields[statField.seconds]!) * 1_000_000_000n + BigInt(fields[statField.nanoseconds]!) === stats.mtimeNs
  );
}

/** Node says in its documentation alone that `process.binding` is deprecated; with --pending-deprecation it warns, which no user of ours needs to read. */
function bindingOfNode(): StatBinding | undefined {
  const { binding, permission } = process as {
    readonly binding?: (name: string) => StatBinding;
    readonly permission?: object;
  };
  // Where Node checks permissions, the public functions do.
  if (binding === undefined || process.platform === 'win32' || permission !== undefined) return undefined;
  const warns = process.noDeprecation;
  process.noDeprecation = true;
  try {
    return binding.call(process, 'fs');
  } finally {
    if (warns === undefined) delete (process as { noDeprecation?: boolean }).noDeprecation;
    else process.noDeprecation = warns;
  }
}

/** As quick as this Node allows (docs/decisions/0020-quick-stat.md). */
export const { lstat: quickLstat, fstat: quickFstat } = quickStat(bindingOfNode, { lstatSync, fstatSync });
