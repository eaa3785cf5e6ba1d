import { randomBytes } from 'node:crypto';
import type { BigIntStats, Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder, settleFolder } from '../durable/folder.ts';
import { publishNew, publishOver } from '../durable/publish-file.ts';
import { realFiles } from '../durable/real-files.ts';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { percentDecode, percentEncode } from '../model/percent.ts';
import { parentOf } from '../model/relative-path.ts';
import { ownPrefix, type StoreKey, storeKey } from '../model/store-key.ts';
import { tarIndex } from '../pack/tar-index.ts';
import { publishDecision } from '../store/publish-decision.ts';
import type { Store, StoredObject, Written } from '../store/store.ts';
import { readFileRange } from './read-file-range.ts';

const waitingFolder = `${ownPrefix}tmp`;
/** A waiting file is `RANDOM.KEY`, the key percent-encoded; a longer name than this goes on in a sub-folder. */
const namePart = 200;

/**
 * A store that is a plain directory: the object `SECTION/NAME` is the file `ROOT/SECTION/NAME`. What is written and not yet
 * published waits in `ROOT/.stowage/tmp`. The version is size, time and inode of the file. It keeps no digests.
 * Folders in it that are links are not followed: that is an error, because what lies behind would be left out in silence.
 */
export function directoryStore(root: string, files: FileOperations = realFiles): Store {
  const location = `dir:${percentEncode(root, '/-_.~')}`;
  const objectPath = (key: string) => `${root}/${key}`;
  const waitingPath = (token: string) => `${root}/${waitingFolder}/${token}`;

  const seen = async (key: StoreKey): Promise<StoredObject | undefined> => {
    const stats = await statOf(objectPath(key), `cannot look at '${displayName(key)}' in ${location}`);
    if (stats === undefined) {
      await requireRoot(root, location);
      await refuseLinkedFolders(files, root, parentOf(key), location);
    }
    return stats === undefined || !stats.isFile() ? undefined : objectOf(key, stats);
  };

  const settled = new Set<string>();
  const settle = async (folder: string): Promise<void> => {
    if (folder === '' || settled.has(folder)) return;
    await settleFolder(files, objectPath(folder), objectPath(folder.split('/', 1)[0]!));
    settled.add(folder);
  };
  /** Only a long key has folders of its own there; one that stays is empty and harms nobody. */
  const leaveWaitingFolders = async (token: string): Promise<void> => {
    for (let folder = parentOf(token); folder !== ''; folder = parentOf(folder))
      await files.rmdir(waitingPath(folder)).catch(() => undefined);
  };

  return {
    location,
    async stat(key, options) {
      options?.signal?.throwIfAborted();
      return seen(key);
    },
    async *list(prefix, options) {
      await requireRoot(root, location);
      // Only the folder that the prefix names need be walked; the rest of the prefix is compared.
      const folder = parentOf(prefix);
      await refuseLinkedFolders(files, root, folder, location);
      yield* walk(root, folder, prefix, location, options?.signal);
    },
    async get(key, options) {
      const object = await seen(key);
      if (object === undefined)
        throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
      const range = options?.range ?? { start: 0, end: object.bytes };
      return readFileRange(objectPath(key), range, options?.signal);
    },
    async *index(key, options) {
      const object = await seen(key);
      if (object === undefined)
        throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
      const file = await open(fsPath(objectPath(key)), 'r').catch((error: unknown) => {
        throw fileError(`cannot read '${displayName(key)}' in ${location}`, error);
      });
      try {
        const read = async (start: number, end: number) => {
          options?.signal?.throwIfAborted();
          const buffer = Buffer.allocUnsafe(end - start);
          const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
          return buffer.subarray(0, bytesRead);
        };
        yield* tarIndex(read, object.bytes);
      } finally {
        await file.close();
      }
    },
    async write(key, bytes, options) {
      await requireRoot(root, location);
      const token = newToken(key);
      const path = waitingPath(token);
      await makeFolder(files, parentOf(path));
      try {
        const stats = await writeFile(files, path, bytes, options?.signal);
        await files.syncFolder(parentOf(path));
        return { key, object: objectOf(key, stats), token };
      } catch (error) {
        // The first error is the one that matters; what cannot be removed is debris for the next run.
        await files.unlink(path).catch(() => undefined);
        await leaveWaitingFolders(token);
        throw isOurProblem(error) ? fileError(`cannot write '${displayName(key)}' to ${location}`, error) : error;
      }
    },
    async *publish(written, options) {
      for (const one of written) {
        const path = waitingPath(one.token);
        const waiting = await files.lstat(path);
        const current = await statOf(objectPath(one.key), `cannot look at '${displayName(one.key)}' in ${location}`);
        const currentObject = current === undefined ? undefined : objectOf(one.key, current);
        const sameFile = waiting !== undefined && current?.ino === waiting.ino && current.dev === waiting.dev;
        const isOurs = sameFile || (waiting === undefined && currentObject?.version === one.object.version);
        const decision = publishDecision(one, currentObject, options?.replaces?.get(one.key), {
          isOurs,
          isWaiting: waiting !== undefined,
        });
        try {
          await settle(parentOf(one.key));
          if (decision === 'publish') {
            if (current === undefined) await publishNew(files, path, objectPath(one.key));
            else await publishOver(files, path, objectPath(one.key));
          } else {
            // Whoever published it may have been killed before the name was durable, and before the waiting name was gone.
            await files.syncFolder(parentOf(objectPath(one.key)));
            if (waiting !== undefined) await files.unlink(path);
          }
          await leaveWaitingFolders(one.token);
        } catch (error) {
          throw fileError(`cannot publish '${displayName(one.key)}' in ${location}`, error);
        }
        const object = await seen(one.key);
        if (object === undefined)
          throw new StowageError('unavailable', `'${displayName(one.key)}' was published and cannot be seen`);
        yield { key: one.key, object };
      }
    },
    async discard(written) {
      await files.unlink(waitingPath(written.token)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove a leftover in ${location}`, error);
      });
      await leaveWaitingFolders(written.token);
    },
    async *debris() {
      await requireRoot(root, location);
      for (const token of await waitingTokens(`${root}/${waitingFolder}`)) {
        const key = keyOfToken(token);
        const stats = key === undefined ? undefined : await files.lstat(waitingPath(token));
        if (key !== undefined && stats?.isFile()) yield { key, object: objectOf(key, stats), token } satisfies Written;
      }
    },
  };
}

/** A directory that is not there is not an empty store: a disk may not be mounted. */
async function requireRoot(root: string, location: string): Promise<void> {
  const stats = await statOf(root, `cannot look at the store ${location}`);
  if (stats?.isDirectory()) return;
  const what = stats === undefined ? 'does not exist' : 'is not a directory';
  throw new StowageError('unavailable', `the store ${location} ${what}`, {
    hint: `if it lies on a disk that is not mounted, mount it; if it is new: mkdir -p '${displayName(root)}'`,
  });
}

async function statOf(path: string, what: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(fsPath(path), { bigint: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(what, error);
  }
}

function objectOf(key: StoreKey, stats: BigIntStats): StoredObject {
  return {
    key,
    bytes: Number(stats.size),
    version: `${stats.size}-${stats.mtimeNs}-${stats.ino}`,
    modifiedNs: stats.mtimeNs,
    digests: {},
    state: 'readable',
  };
}

/** Listing through a linked folder would show what the listing from above does not, and one that leads nowhere would look empty. */
async function refuseLinkedFolders(
  files: FileOperations,
  root: string,
  folder: string,
  location: string,
): Promise<void> {
  const parts = folder.split('/');
  for (let count = 1; count <= parts.length && folder !== ''; count += 1) {
    const path = parts.slice(0, count).join('/');
    const what = `cannot look at '${displayName(path)}' in ${location}`;
    const stats = await files.lstat(`${root}/${path}`).catch((error: unknown) => {
      throw fileError(what, error);
    });
    if (stats?.isSymbolicLink())
      throw brokenLink(path, location, (await statOf(`${root}/${path}`, what)) !== undefined);
    if (!stats?.isDirectory()) return;
  }
}

async function* walk(
  root: string,
  folder: string,
  prefix: string,
  location: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  signal?.throwIfAborted();
  for (const child of await childrenOf(folder === '' ? root : `${root}/${folder}`, location)) {
    const name = nameFromBytes(child.name);
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path === waitingFolder) continue;
    if (child.isDirectory()) {
      if (path.startsWith(prefix) || prefix.startsWith(`${path}/`)) yield* walk(root, path, prefix, location, signal);
      continue;
    }
    if (!path.startsWith(prefix) || !(child.isFile() || child.isSymbolicLink())) continue;
    const stats = await statOf(`${root}/${path}`, `cannot look at '${displayName(path)}' in ${location}`);
    if (stats?.isFile()) yield objectOf(storeKey(path), stats);
    else if (child.isSymbolicLink()) throw brokenLink(path, location, stats !== undefined);
  }
}

function brokenLink(path: string, location: string, leadsSomewhere: boolean): StowageError {
  const what = leadsSomewhere ? 'is a link to something that is not a file' : 'is a link that leads nowhere';
  return new StowageError(
    'unavailable',
    `'${displayName(path)}' in ${location} ${what}, so what it stands for cannot be seen`,
    {
      hint: 'mount what it leads to, or remove the link',
    },
  );
}

async function childrenOf(folder: string, location: string): Promise<readonly Dirent<Buffer>[]> {
  try {
    return await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot list '${displayName(folder)}' of the store ${location}`, error);
  }
}

async function writeFile(
  files: FileOperations,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<BigIntStats> {
  const file = await files.open(path, 'wx');
  try {
    let writing: Promise<void> | undefined;
    // One write is under way while the next chunk is made.
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writing;
      writing = file.write(chunk);
      writing.catch(() => undefined);
    }
    await writing;
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}

function isOurProblem(error: unknown): boolean {
  return systemCode(error) !== undefined;
}

function newToken(key: StoreKey): string {
  const text = `${randomBytes(8).toString('hex')}.${percentEncode(key, '-_')}`;
  return (text.match(new RegExp(`.{1,${namePart}}`, 'g')) ?? []).join('/');
}

function keyOfToken(token: string): StoreKey | undefined {
  const match = /^[0-9a-f]{16}\.(.+)$/.exec(token.replaceAll('/', ''));
  if (match === null) return undefined;
  try {
    return storeKey(percentDecode(match[1]!));
  } catch {
    return undefined; // not a file of ours: left alone
  }
}

async function waitingTokens(folder: string, above = ''): Promise<readonly string[]> {
  const tokens: string[] = [];
  let children: readonly Dirent[];
  try {
    children = await readdir(fsPath(folder), { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot list '${displayName(folder)}'`, error);
  }
  for (const child of children) {
    if (child.isDirectory()) tokens.push(...(await waitingTokens(`${folder}/${child.name}`, `${above}${child.name}/`)));
    else tokens.push(`${above}${child.name}`);
  }
  return tokens;
}
