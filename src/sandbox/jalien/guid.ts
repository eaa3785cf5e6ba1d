import { randomBytes } from 'node:crypto';

/** 100-nanosecond steps between 1582-10-15, where GUIDs of version 1 begin to count, and 1970. */
const epochSteps = 122_192_928_000_000_000n;
const stepsPerMs = 10_000n;

/** GUIDs of version 1, as the catalogue's: no two alike, also within a millisecond. */
export function guidMaker(now: () => number): () => string {
  const sequence = (randomBytes(2).readUInt16BE() & 0x3fff) | 0x8000;
  let last = 0n;
  return () => {
    const at = BigInt(Math.floor(now())) * stepsPerMs + epochSteps;
    last = at > last ? at : last + 1n;
    const hex = last.toString(16).padStart(15, '0');
    return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-${sequence.toString(16)}-02fc00000001`;
  };
}

/** When a GUID of version 1 was made, in milliseconds; undefined for any other. */
export function guidTime(guid: string): number | undefined {
  const parts = guidParts(guid);
  if (parts === undefined || parts.version !== '1') return undefined;
  return Number((BigInt(`0x${parts.high}${parts.mid}${parts.low}`) - epochSteps) / stepsPerMs);
}

/** The address of the machine that made it: `02:fc:00:00:00:01`. */
export function guidMac(guid: string): string {
  return guid.slice(-12).match(/../g)!.join(':');
}

/** The middle and high part of the time as the catalogue's index has it: `11F1E51E`. */
export function guidTimeColumn(guid: string): string {
  const parts = guidParts(guid);
  return parts === undefined ? '' : `${parts.version}${parts.high}${parts.mid}`.toUpperCase();
}

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/**
 * Where a replica lies below an SE's storage path: `/NN/NNNNN/GUID`. Found from recorded paths: the first number is the sum of the digits, the second
 * Fletcher's two sums over them.
 */
export function storagePath(guid: string): string {
  let sum = 0;
  let sums = 0;
  for (const digit of guid.replaceAll('-', '')) {
    sum += Number.parseInt(digit, 16);
    sums += sum;
  }
  const spread = (((sums - sum) & 0xff) << 8) | (sums & 0xff);
  return `/${String(sum % 16).padStart(2, '0')}/${String(spread).padStart(5, '0')}/${guid}`;
}

function guidParts(guid: string): { version: string; high: string; mid: string; low: string } | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f])([0-9a-f]{3})-/i.exec(guid);
  if (match === null) return undefined;
  const [, low, mid, version, high] = match;
  return { version: version!, high: high!, mid: mid!, low: low! };
}
