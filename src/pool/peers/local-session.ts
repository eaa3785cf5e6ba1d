import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
import { quickLstat, statField } from '../../quick-stat.ts';
import { typeOf } from '../../scan/entry-of.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import {
  type Copier,
  defaultCollectIndicator,
  defaultStageIndicator,
  type IncomingEntry,
  isMastersOwn,
  notCollected,
  type PeerEntry,
  type PeerSession,
} from './peer.ts';
import { factsOfOpen, readFlags, readWhole, smallBytes } from './small-source.ts';

const pieceBytes = 1024 * 1024;
/** How many files are copied in one go. Fewer are sent. */
const groupFiles = 64;

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
      const facts = factsOfOpen(descriptor);
      const { bytes } = facts;
      const whole = () => (bytes < smallBytes ? look(path, () => readWhole(descriptor, bytes, buffer)) : undefined);
      await take({ ...facts, path, type: 'file', content: contentOf(descriptor, signal), whole });
    } finally {
      closeSync(descriptor);
    }
  };
  /** Everything, with one look at each file. */
  const sendAll = async (take: (entry: IncomingEntry) => Promise<void>, copier: Copier | undefined): Promise<void> => {
    const folders = [''];
    const many = copier === undefined ? undefined : grouped(copier);
    const sendFile = (path: string) => send({ path, type: 'file' }, take);
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const children = look(joinPath(root, folder), (path) =>
        readdirSync(path, { encoding: 'buffer', withFileTypes: true }),
      );
      for (const child of children) {
        const path = joinPath(folder, nameFromBytes(child.name));
        if (isMastersOwn(path)) continue;
        if (child.isDirectory()) folders.push(path);
        if (!child.isFile())
          await send(
            look(joinPath(root, path), (local) => entryAt(local, path)),
            take,
          );
        else if (many === undefined) await sendFile(path);
        else await many.add(path);
      }
    }
    for (const path of (await many?.end()) ?? []) await sendFile(path);
  };
  /** Gathers files for the copier, and gives those at the end that are to be sent. */
  const grouped = (copier: Copier) => {
    let group: string[] = [];
    let isBegun = false;
    const copy = async (): Promise<void> => {
      signal?.throwIfAborted();
      const paths = group;
      group = [];
      isBegun = true;
      await copier.copy({ peer: name, root }, paths);
    };
    return {
      async add(path: string): Promise<void> {
        group.push(path);
        if (group.length === groupFiles) await copy();
      },
      async end(): Promise<readonly string[]> {
        if (!isBegun) return group;
        if (group.length > 0) await copy();
        return copier.rest();
      },
    };
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
    async fetch(wanted, take, copier) {
      if (wanted === undefined) await sendAll(take, copier);
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

const empty = new Uint8Array();

function entryAt(local: string | Buffer, path: string): PeerEntry {
  const fields = quickLstat(local);
  if (fields !== undefined) {
    const type = typeOf(fields[statField.mode]!);
    if (type === 'file' || type === 'directory') {
      const mtimeNs = BigInt(fields[statField.seconds]!) * 1_000_000_000n + BigInt(fields[statField.nanoseconds]!);
      const bytes = type === 'file' ? fields[statField.bytes]! : 0;
      return { path, type, bytes, mtimeNs, mode: fields[statField.mode]! & 0o7777 };
    }
  }
  const found = lstatSync(local, { bigint: true });
  const type = typeOf(Number(found.mode));
  return {
    path,
    type,
    bytes: type === 'file' ? Number(found.size) : 0,
    mtimeNs: found.mtimeNs,
    mode: Number(found.mode) & 0o7777,
    ...(type === 'link' ? { target: nameFromBytes(readlinkSync(local, 'buffer')) } : {}),
  };
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
