import { headerRoom } from './member-header.ts';
import type { PackItem } from './pack-item.ts';
import { padded } from './tar-header.ts';

/** Up to this size a file is read at once, without leaving the thread. */
export const smallBytes = 256 * 1024;

/** True if nothing but a header and at most one short reading is needed for it. */
export function isSmall({ member, content }: PackItem): boolean {
  return content.kind === 'none' || (content.kind === 'disk' && member.bytes <= smallBytes);
}

/** An upper bound for what a small item takes in the archive. */
export function smallRoom({ member, content }: PackItem): number {
  return headerRoom(member) + (content.kind === 'disk' ? padded(member.bytes) : 0);
}

/** Small items in a form that is quickly copied into a thread: one array or string for each field of them all. */
export interface SmallBatch {
  readonly paths: string;
  /** Where the content lies; '' for what has none. */
  readonly files: string;
  /** Targets, and the first names of hard links; '' for what is neither. */
  readonly links: string;
  /** Index into `kinds`, bytes, mode, uid and gid of each. */
  readonly numbers: Float64Array;
  readonly times: BigInt64Array;
}

const kinds = ['file', 'link', 'directory', 'hard link'] as const;
const fields = 5;

/** True if its time has a place in a batch; a file of the year 2300 has not. */
export function fitsBatch({ member }: PackItem): boolean {
  return BigInt.asIntN(64, member.mtimeNs) === member.mtimeNs;
}

/** The batch of these items. */
export function smallBatch(items: readonly PackItem[]): SmallBatch {
  const numbers = new Float64Array(items.length * fields);
  const times = new BigInt64Array(items.length);
  for (let index = 0; index < items.length; index += 1) {
    const { type, hardLink, bytes, mode, uid, gid, mtimeNs } = items[index]!.member;
    const at = index * fields;
    numbers[at] = kinds.indexOf(hardLink === undefined ? type : 'hard link');
    numbers[at + 1] = bytes;
    numbers[at + 2] = mode;
    numbers[at + 3] = uid;
    numbers[at + 4] = gid;
    times[index] = mtimeNs;
  }
  return {
    // No name holds a NUL.
    paths: items.map(({ member }) => member.path).join('\0'),
    files: items.map(({ content }) => (content.kind === 'disk' ? content.path : '')).join('\0'),
    links: items.map(({ member }) => member.hardLink ?? member.target ?? '').join('\0'),
    numbers,
    times,
  };
}

/** The items of a batch. */
export function* batchItems({ paths, files, links, numbers, times }: SmallBatch): Generator<PackItem> {
  const [path, file, link] = [paths.split('\0'), files.split('\0'), links.split('\0')];
  for (let index = 0; index < times.length; index += 1) {
    const at = index * fields;
    const kind = kinds[numbers[at]!]!;
    yield {
      member: {
        path: path[index]!,
        type: kind === 'hard link' ? 'file' : kind,
        bytes: numbers[at + 1]!,
        mtimeNs: times[index]!,
        mode: numbers[at + 2]!,
        uid: numbers[at + 3]!,
        gid: numbers[at + 4]!,
        ...(kind === 'link' ? { target: link[index]! } : kind === 'hard link' ? { hardLink: link[index]! } : {}),
      },
      content: kind === 'file' ? { kind: 'disk', path: file[index]! } : { kind: 'none' },
    };
  }
}
