import { hash } from 'node:crypto';
import { createAfresh } from '../../durable/create-afresh.ts';
import { realFiles } from '../../durable/real-files.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { Handed } from '../../threads/order.ts';
import type { CopySource, Ownership, StagePeerOptions } from '../peers/peer.ts';
import { reading, readSmall, smallBytes } from '../peers/small-source.ts';
import { stagedMode } from './staged-member.ts';

/** Small files that came, to be written into a folder under names that nothing else there has. Times to the nanosecond, since 1970. */
export interface WriteOrder {
  readonly folder: string;
  readonly owner: Ownership | undefined;
  readonly paths: readonly string[];
  readonly modes: readonly number[];
  readonly mtimesNs: readonly bigint[];
  /** Where the content of each one ends; it begins where that of the one before ends. */
  readonly ends: readonly number[];
  readonly room: ArrayBuffer;
}

export interface Written {
  /** SHA-256 of each, in hexadecimal. */
  readonly digests: readonly string[];
  readonly room: ArrayBuffer;
}

/** Files that lie below a folder of this machine, to be copied. */
export interface CopyOrder extends CopySource {
  readonly folder: string;
  readonly options: StagePeerOptions;
  readonly paths: readonly string[];
}

/** What was copied, in the order of the paths; of one that is not small, and was left, the digest is empty. Modes are those of the peer. */
export interface Copied {
  readonly digests: readonly string[];
  readonly bytes: Float64Array;
  readonly modes: Uint32Array;
  readonly mtimesNs: BigInt64Array;
}

/** Writes small files, here. What cannot be written ends it: `full` or `unavailable`. */
export function writeSmall({ folder, owner, paths, modes, mtimesNs, ends, room }: WriteOrder): Written {
  const all = new Uint8Array(room);
  const digests = paths.map((path, at) => {
    const content = all.subarray(ends[at - 1] ?? 0, ends[at]);
    create(folder, path, content, { owner, mode: modes[at]!, mtimeNs: mtimesNs[at]! });
    return hash('sha256', content, 'hex');
  });
  return { digests, room };
}

let buffer: Buffer | undefined;

/** Copies small files, here. What cannot be read or written ends it: `full` or `unavailable`. */
export function copySmall({ peer, root, folder, options, paths }: CopyOrder): Copied {
  buffer ??= Buffer.allocUnsafeSlow(smallBytes);
  const bytes = new Float64Array(paths.length);
  const modes = new Uint32Array(paths.length);
  const mtimesNs = new BigInt64Array(paths.length);
  const digests = paths.map((path, at) => {
    const found = reading(peer, joinPath(root, path), (local) => readSmall(local, buffer!));
    if (found === undefined) return '';
    const { content, mode, mtimeNs } = found;
    create(folder, path, content, { owner: options.ownership, mode: stagedMode('file', mode, options), mtimeNs });
    bytes[at] = found.bytes;
    modes[at] = mode;
    mtimesNs[at] = mtimeNs;
    return hash('sha256', content, 'hex');
  });
  return { digests, bytes, modes, mtimesNs };
}

function create(
  folder: string,
  path: string,
  content: Uint8Array,
  { owner, mode, mtimeNs }: { readonly owner: Ownership | undefined; readonly mode: number; readonly mtimeNs: bigint },
): void {
  try {
    const attributes = { ...(owner === undefined ? {} : { owner }), mode, mtimeNs };
    createAfresh(realFiles.createSmall!, joinPath(folder, path), content, attributes);
  } catch (error) {
    throw fileError(`cannot stage '${displayName(path)}'`, error);
  }
}

/** The same as the task of a thread. */
export default function smallTask(order: WriteOrder | CopyOrder): Handed<Written | Copied> {
  if ('room' in order) return { output: writeSmall(order), transfer: [order.room] };
  return { output: copySmall(order), transfer: [] };
}
