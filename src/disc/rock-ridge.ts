import { StowageError } from '../errors.ts';
import { nameFromBytes } from '../model/byte-name.ts';
import { type BlockSource, blockBytes } from './block-source.ts';

/** What Rock Ridge (IEEE P1282) says of one name. */
export interface RockRidge {
  readonly name: string | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970 UTC. */
  readonly mtimeSeconds: number | undefined;
  readonly target: string | undefined;
}

interface Unfinished {
  readonly name: Buffer[];
  readonly target: Buffer[];
  /** True while the target's last part goes on in the next component. */
  partOpen: boolean;
  hasTarget: boolean;
  mode: number | undefined;
  uid: number;
  gid: number;
  mtimeSeconds: number | undefined;
}

const slash = Buffer.from('/');

/** Reads the system use area of a directory record, and where it goes on (SUSP 1.12). Throws `corrupt` if there is no Rock Ridge in it. */
export async function rockRidge(source: BlockSource, area: Buffer): Promise<RockRidge> {
  const state: Unfinished = {
    name: [],
    target: [],
    partOpen: false,
    hasTarget: false,
    mode: undefined,
    uid: 0,
    gid: 0,
    mtimeSeconds: undefined,
  };
  let next: Continuation | undefined = read(area, state);
  // A damaged chain may lead back to itself.
  for (let hops = 0; next !== undefined; hops += 1) {
    if (hops > 1000) throw new StowageError('corrupt', 'a directory record goes on without an end');
    const { block, offset, bytes }: Continuation = next;
    const buffer: Buffer = await source.read(block, offset + bytes);
    next = read(buffer.subarray(offset), state);
  }
  if (state.mode === undefined) throw new StowageError('corrupt', 'a directory record lacks its Rock Ridge attributes');
  return {
    name: state.name.length === 0 ? undefined : nameFromBytes(Buffer.concat(state.name)),
    mode: state.mode,
    uid: state.uid,
    gid: state.gid,
    mtimeSeconds: state.mtimeSeconds,
    target: state.hasTarget ? nameFromBytes(Buffer.concat(state.target)) : undefined,
  };
}

interface Continuation {
  readonly block: number;
  readonly offset: number;
  readonly bytes: number;
}

function read(area: Buffer, state: Unfinished): Continuation | undefined {
  let next: Continuation | undefined;
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area[at + 2]!;
    if (length < 4 || at + length > area.length) break;
    const field = area.subarray(at, at + length);
    const kind = field.toString('latin1', 0, 2);
    if (kind === 'ST') break;
    if (kind === 'CE' && length >= 28)
      next = { block: field.readUInt32LE(4), offset: field.readUInt32LE(12), bytes: field.readUInt32LE(20) };
    else if (kind === 'PX' && length >= 36) {
      state.mode = field.readUInt32LE(4);
      state.uid = field.readUInt32LE(20);
      state.gid = field.readUInt32LE(28);
    } else if (kind === 'NM' && length > 5) state.name.push(Buffer.from(field.subarray(5)));
    else if (kind === 'SL') readTarget(field.subarray(5), state);
    else if (kind === 'TF') state.mtimeSeconds = modifyTime(field);
    at += length;
  }
  if (next !== undefined && (next.bytes > 16 * blockBytes || next.offset >= blockBytes))
    throw new StowageError('corrupt', 'a directory record goes on at an impossible place');
  return next;
}

/** The components of one SL field; a part, and the whole, may go on in the next. */
function readTarget(components: Buffer, state: Unfinished): void {
  for (let at = 0; at + 2 <= components.length; ) {
    const flags = components[at]!;
    const bytes = components.subarray(at + 2, at + 2 + components[at + 1]!);
    const isRoot = (flags & 8) !== 0;
    if (state.hasTarget && !state.partOpen && !endsAtRoot(state)) state.target.push(slash);
    state.hasTarget = true;
    if (isRoot) state.target.push(slash);
    else if ((flags & 4) !== 0) state.target.push(Buffer.from('..'));
    else if ((flags & 2) !== 0) state.target.push(Buffer.from('.'));
    else state.target.push(Buffer.from(bytes));
    state.partOpen = (flags & 1) !== 0;
    at += 2 + components[at + 1]!;
  }
}

function endsAtRoot(state: Unfinished): boolean {
  return state.target.length === 1 && state.target[0] === slash;
}

/** The time of the last change of the content: the second of those that the flags say are there. */
function modifyTime(field: Buffer): number | undefined {
  const flags = field[4]!;
  if ((flags & 2) === 0) return undefined;
  const long = (flags & 0x80) !== 0;
  const at = 5 + ((flags & 1) !== 0 ? (long ? 17 : 7) : 0);
  if (long || at + 7 > field.length) return undefined;
  const [year, month, day, hour, minute, second] = field.subarray(at, at + 6);
  const quarters = field.readInt8(at + 6);
  return Date.UTC(1900 + year!, month! - 1, day!, hour!, minute!, second!) / 1000 - quarters * 900;
}
