import { lstatSync, readdirSync, statSync } from 'node:fs';
import { fileError, plainReason, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import type { PackStep } from '../../pack/pack-item.ts';
import { packTar } from '../../pack/tar-writer.ts';
import { factsOf } from '../../scan/entry-of.ts';
import type { ArchiveMode } from '../configuration/pool-configuration.ts';
import { counted } from '../counted.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import type { Baseline } from './baseline.ts';
import { ifUnchanged, isUntouched, type KnownFile, knownFile } from './known-file.ts';
import type { Collected } from './walk-collected.ts';
import type { BaselineWriter } from './write-baseline.ts';
import { type Compression, writeCompressed } from './write-compressed.ts';

/** One archive to write. */
export interface ArchiveOrder {
  /** The path that is collected, for people. */
  readonly path: string;
  /** Where the archive goes, with its ending. */
  readonly target: string;
  readonly archiveMode: ArchiveMode;
  readonly entries: Iterable<Collected>;
  /** What need not be collected again; undefined for everything. */
  readonly baseline: Baseline | undefined;
  /** Is told what the files are now, in the order of `entries`, where that is to be known the next time. */
  readonly remembered: BaselineWriter | undefined;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** The ending of an archive's name. */
export const archiveEndings: Readonly<Record<ArchiveMode, string>> = {
  tar: '.tar',
  targz: '.tar.gz',
  tarbz2: '.tar.bz2',
};

const compressions: Readonly<Record<ArchiveMode, Compression>> = { tar: 'none', targz: 'gzip', tarbz2: 'bzip2' };

/**
 * Writes one archive, whole and durable, and tells of everything that is not in it. Where there is nothing to archive it holds the directory itself, so
 * that no older archive is taken for today's.
 */
export async function* collectArchive(run: PoolRun, order: ArchiveOrder): AsyncGenerator<PoolEvent> {
  const told: PoolEvent[] = [];
  const { baseline, remembered } = order;
  /** The file that is being packed: what it is, once that is known. */
  let packing: { readonly path: string; file: KnownFile; isWhole: boolean } | undefined;
  let count = 0;
  let bytes = 0;
  const say = (event: Omit<PoolEvent, 'kind' | 'action'>) => told.push({ kind: 'pool', action: 'collect', ...event });

  /** A packer asks for the next file when it has done with the last one. */
  async function rememberPacked(): Promise<void> {
    if (packing?.isWhole === true) await remembered?.add(packing.path, packing.file);
    packing = undefined;
  }
  async function* steps(): AsyncGenerator<PackStep> {
    const shared = new Map<string, string>();
    let members = 0;
    for (const found of order.entries) {
      if (packing !== undefined) await rememberPacked();
      if (found.kind === 'left-out') {
        say(leftOutEvent(found));
        continue;
      }
      const { path, type, stats } = found;
      if (type === 'file' && remembered !== undefined) {
        const known = baseline?.find(path);
        const isSame = known !== undefined && isUntouched(stats, known);
        const same = isSame ? known : await ifUnchanged(path, stats, known).catch(() => undefined);
        if (same !== undefined) {
          await remembered.add(path, same);
          continue;
        }
        packing = { path, file: knownFile(stats, ''), isWhole: false };
      }
      members += 1;
      count += type === 'directory' ? 0 : 1;
      yield stepOf(found, shared);
    }
    await rememberPacked();
    if (members === 0) yield topStep(order.path);
  }

  const onMember = (member: Member) => {
    bytes += member.hardLink === undefined ? member.bytes : 0;
    if (packing === undefined || packing.path !== `/${member.path}`) return;
    if (member.sha256 === undefined || member.torn) return;
    packing.file = { ...packing.file, sha256: member.sha256 };
    packing.isWhole = true;
  };
  const packed = packTar(steps(), { settle: true, onMember, ...(run.signal && { signal: run.signal }) });
  const written = await writeCompressed(run, order.target, packed.chunks, {
    compression: compressions[order.archiveMode],
    owner: order.owner,
  });
  for (const one of packed.result().unsettled) {
    const path = `/${one.path}`;
    if (one.kind === 'changed') {
      const text = `'${displayName(path)}' changed while it was read: ${one.reason}`;
      say({ level: 'warning', deed: 'told', text, path, reason: one.reason });
    } else {
      count -= 1;
      say(leftOutEvent({ kind: 'left-out', path, why: one.kind, reason: one.reason }));
    }
  }
  yield* told;
  const name = order.target.slice(order.target.lastIndexOf('/') + 1);
  yield {
    kind: 'pool',
    action: 'collect',
    level: 'info',
    deed: 'collected',
    text: `Collected [${displayName(order.path)}] into [${displayName(name)}]: ${counted(count, 'file')} (${counted(bytes, 'byte')}).`,
    path: order.path,
    files: count,
    bytes: written,
  };
}

/** What is not archived because that was asked for is a detail; a file that is there and cannot be read is a failure. */
function leftOutEvent(found: Collected & { kind: 'left-out' }): Omit<PoolEvent, 'kind' | 'action'> {
  const level = ({ excluded: 'debug', special: 'info', vanished: 'warning', unreadable: 'error' } as const)[found.why];
  const text = `Left out [${displayName(found.path)}]: ${found.reason}.`;
  return { level, deed: 'left-out', text, path: found.path, reason: found.reason };
}

function stepOf(found: Collected & { kind: 'entry' }, shared: Map<string, string>): PackStep {
  const { path, type, stats, target } = found;
  const inside = path.replace(/^\/+/, '');
  const member = {
    path: inside,
    ...factsOf(type, stats),
    ...(target === undefined ? {} : { target }),
  };
  if (type !== 'file') return { item: { member, content: { kind: 'none' } } };
  if (stats.nlink > 1n) {
    const key = `${stats.dev}:${stats.ino}`;
    const first = shared.get(key);
    if (first !== undefined)
      return { item: { member: { ...member, bytes: 0, hardLink: first }, content: { kind: 'none' } } };
    shared.set(key, inside);
  }
  return { item: { member, content: { kind: 'disk', path }, ...(stats.nlink > 1n ? { shared: true as const } : {}) } };
}

/** The thing itself, without content, for an archive that would be empty. The root of all has no name in an archive. */
function topStep(path: string): PackStep {
  const stats = statSync(fsPath(path), { bigint: true });
  const inside = path.replace(/^\/+|\/+$/g, '') || '.';
  const member = { path: inside, ...factsOf('directory', stats) };
  return { item: { member, content: { kind: 'none' } } };
}

/** The one entry that is a file to collect. Throws `missing` if nothing is there, and `refused` for what is no file. */
export function fileEntry(path: string): Collected {
  try {
    const stats = lstatSync(fsPath(path), { bigint: true });
    if (stats.isFile()) return { kind: 'entry', path, type: 'file', stats };
    // As in Cedar Backup: what a link leads to counts, under the link's name.
    const followed = statSync(fsPath(path), { bigint: true });
    if (followed.isFile()) return { kind: 'entry', path, type: 'file', stats: followed };
  } catch (error) {
    throw fileError(`cannot collect the file '${displayName(path)}'`, error);
  }
  throw new StowageError('refused', `'${displayName(path)}' is no file`);
}

/** The real subdirectories of a directory, in order. Throws what cannot be read. */
export function subdirectoriesOf(path: string): readonly string[] {
  try {
    return readdirSync(fsPath(path), { withFileTypes: true, encoding: 'buffer' })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort(Buffer.compare)
      .map((name) => `${path === '/' ? '' : path}/${nameFromBytes(name)}`);
  } catch (error) {
    throw new StowageError('unavailable', `cannot read '${displayName(path)}': ${plainReason(error)}`, {
      cause: error,
    });
  }
}
