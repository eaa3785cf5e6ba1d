import { closeSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
import { quickLstat, statField } from '../../quick-stat.ts';
import { typeOf } from '../../scan/entry-of.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import { fileContent } from './file-content.ts';
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
import { factsOfOpen, readFlags, reading, readWhole, smallBytes } from './small-source.ts';

/** How many files are copied in one go. Fewer are sent. */
const groupFiles = 64;
/** How many such groups the copier gets while others are to be sent, before those are: what it does then takes about as long as to send a large file, and waits in little memory. */
const groupsAhead = 128;

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
  const look = <T>(path: string, deed: (local: string | Buffer) => T): T => reading(name, path, deed);

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
  /** Sends an entry; a large file is left to the copier, if it takes it. */
  const send = async (
    entry: PeerEntry,
    take: (entry: IncomingEntry) => Promise<void>,
    copier?: Copier,
  ): Promise<void> => {
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
      if ((await copier?.copyLarge({ peer: name, root }, path, bytes, signal)) === true) return;
      const whole = () => (bytes < smallBytes ? look(path, () => readWhole(descriptor, bytes, buffer)) : undefined);
      await take({ ...facts, path, type: 'file', content: fileContent(descriptor, signal), whole });
    } finally {
      closeSync(descriptor);
    }
  };
  /** Everything, with one look at each file. */
  const sendAll = async (take: (entry: IncomingEntry) => Promise<void>, copier: Copier | undefined): Promise<void> => {
    const folders = [''];
    const sendFile = (path: string, large?: Copier) => send({ path, type: 'file' }, take, large);
    const many = copier === undefined ? undefined : grouped(copier, sendFile);
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
    await many?.end();
  };
  /** Gathers files for the copier, and sends those that are not for it: while it is at work, where there is enough for it to do. */
  const grouped = (copier: Copier, sendFile: (path: string, large?: Copier) => Promise<void>) => {
    let group: string[] = [];
    let isBegun = false;
    const toSend: string[] = [];
    let ahead = 0;
    const copy = async (): Promise<void> => {
      signal?.throwIfAborted();
      const paths = group;
      group = [];
      isBegun = true;
      await copier.copy({ peer: name, root }, paths, toSend.length > 0);
      toSend.push(...copier.left());
      if (toSend.length > 0) ahead += 1;
      if (ahead === groupsAhead) await sendThese();
    };
    const sendThese = async (): Promise<void> => {
      ahead = 0;
      for (let path = toSend.shift(); path !== undefined; path = toSend.shift()) {
        // Where another one is to be sent here meanwhile.
        await sendFile(path, toSend.length > 0 ? copier : undefined);
      }
    };
    return {
      async add(path: string): Promise<void> {
        group.push(path);
        if (group.length === groupFiles) await copy();
      },
      async end(): Promise<void> {
        if (!isBegun) toSend.push(...group);
        else if (group.length > 0) await copy();
        await sendThese();
        await copier.rest();
        toSend.push(...copier.left());
        await sendThese();
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

async function* nothing(): AsyncGenerator<Uint8Array> {}
