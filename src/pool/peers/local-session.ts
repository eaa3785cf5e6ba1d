import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import type { EntryType } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import {
  defaultCollectIndicator,
  defaultStageIndicator,
  type IncomingEntry,
  isMastersOwn,
  notCollected,
  type PeerEntry,
  type PeerSession,
} from './peer.ts';

const pieceBytes = 1024 * 1024;
/** What is read in one go. */
const smallBytes = 256 * 1024;

/** A peer that is a directory of this machine. */
export function localSession(
  files: FileOperations,
  name: string,
  collectDir: string,
  signal?: AbortSignal,
): PeerSession {
  // With the dot a link to the directory is followed; no other ever is.
  const root = `${collectDir}/.`;
  const buffer = Buffer.allocUnsafe(smallBytes);

  const list = (): ReadonlyMap<string, PeerEntry> => {
    const entries = new Map<string, PeerEntry>();
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const child of look(joinPath(root, folder), (path) => readdirSync(path, 'buffer'))) {
        const path = joinPath(folder, nameFromBytes(child));
        if (isMastersOwn(path)) continue;
        const entry = look(joinPath(root, path), (local) => entryAt(local, path));
        entries.set(path, entry);
        if (entry.type === 'directory') folders.push(path);
      }
    }
    return entries;
  };
  const send = async (entry: PeerEntry, take: (entry: IncomingEntry) => Promise<void>): Promise<void> => {
    const { path, type } = entry;
    signal?.throwIfAborted();
    const none = { content: nothing(), whole: () => empty };
    if (type === 'directory' || type === 'link') {
      const { bytes = 0, mtimeNs = 0n, mode = 0, target } = entry;
      await take({ ...none, ...{ path, type, bytes, mtimeNs, mode }, ...(target === undefined ? {} : { target }) });
      return;
    }
    if (type !== 'file') {
      throw new StowageError('refused', `'${displayName(path)}' cannot be staged: it is a ${type}`, {
        facts: { path },
      });
    }
    const descriptor = look(joinPath(root, path), (local) => openSync(local, readFlags));
    try {
      const found = fstatSync(descriptor, { bigint: true });
      const bytes = Number(found.size);
      const facts = { path, bytes, mtimeNs: found.mtimeNs, mode: Number(found.mode) & 0o7777 };
      const whole = () => (bytes < smallBytes ? look(path, () => readWhole(descriptor, bytes, buffer)) : undefined);
      await take({ ...facts, type: 'file', content: contentOf(descriptor, signal), whole });
    } finally {
      closeSync(descriptor);
    }
  };
  /** Everything, with one look at each file. */
  const sendAll = async (take: (entry: IncomingEntry) => Promise<void>): Promise<void> => {
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const children = look(joinPath(root, folder), (path) =>
        readdirSync(path, { encoding: 'buffer', withFileTypes: true }),
      );
      for (const child of children) {
        const path = joinPath(folder, nameFromBytes(child.name));
        if (isMastersOwn(path)) continue;
        if (child.isDirectory()) folders.push(path);
        const entry = child.isFile()
          ? ({ path, type: 'file' } as const)
          : look(joinPath(root, path), (local) => entryAt(local, path));
        await send(entry, take);
      }
    }
  };
  return {
    async readiness(indicator = defaultCollectIndicator) {
      try {
        const found = await files.lstat(joinPath(root, indicator));
        // Undefined too where the directory itself is not there.
        if (found === undefined) await readdir(fsPath(root));
        return found === undefined ? { state: 'not-ready', reason: notCollected } : { state: 'ready' };
      } catch (error) {
        const absent = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
        const reason = absent ? 'it has no such collect directory' : 'its collect directory cannot be entered';
        return { state: 'not-ready', reason };
      }
    },
    async list() {
      return list();
    },
    async fetch(wanted, take) {
      if (wanted === undefined) await sendAll(take);
      else
        for (const path of wanted)
          await send(
            look(joinPath(root, path), (local) => entryAt(local, path)),
            take,
          );
    },
    // What is read here is hashed here.
    async digests() {
      return undefined;
    },
    async writeStageIndicator(indicator = defaultStageIndicator, { ownership, permissions } = {}) {
      await writeIndicator(files, root, indicator, ownership, permissions);
    },
    async writeReceipt(lines) {
      await writeIndicator(files, root, indicators.stored, undefined, 0o644, nameToBytes(`${lines.join('\n')}\n`));
    },
    async close() {},
  };

  function look<T>(path: string, deed: (local: string | Buffer) => T): T {
    try {
      return deed(fsPath(path));
    } catch (error) {
      throw fileError(`cannot read '${displayName(path)}' of peer '${displayName(name)}'`, error);
    }
  }
}

/** A link that took a file's place is not followed, and a pipe does not block. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const empty = new Uint8Array();

function entryAt(local: string | Buffer, path: string): PeerEntry {
  const found = lstatSync(local, { bigint: true });
  const type: EntryType = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSymbolicLink()
        ? 'link'
        : found.isFIFO()
          ? 'fifo'
          : found.isSocket()
            ? 'socket'
            : found.isBlockDevice()
              ? 'block-device'
              : 'character-device';
  return {
    path,
    type,
    bytes: type === 'file' ? Number(found.size) : 0,
    mtimeNs: found.mtimeNs,
    mode: Number(found.mode) & 0o7777,
    ...(type === 'link' ? { target: nameFromBytes(readlinkSync(local, 'buffer')) } : {}),
  };
}

function readWhole(descriptor: number, bytes: number, into: Buffer): Uint8Array {
  let length = 0;
  // One byte more is asked for, so that a file which grows is seen to.
  for (let got = 1; got > 0 && length <= bytes; length += got)
    got = readSync(descriptor, into, length, bytes + 1 - length, length);
  return into.subarray(0, length);
}

/** The next piece is read while the last one is used. */
async function* contentOf(descriptor: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  for (let position = 0, turn = 0; ; turn = 1 - turn) {
    signal?.throwIfAborted();
    const length = readSync(descriptor, buffers[turn]!, 0, pieceBytes, position);
    if (length === 0) return;
    position += length;
    yield buffers[turn]!.subarray(0, length);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
