import { type NameInJson, nameFromJson, nameToJson } from '../../../model/byte-name.ts';
import { exits, HpssError } from '../system/hpss-error.ts';
import { indexPath, openSink, readBytes, sizeOf } from './archive.ts';
import { HtarFailure, type HtarRun } from './run.ts';
import type { TarMember } from './tar-block.ts';

/** A member in the index: what its header says, and where that header lies. */
export interface IndexEntry {
  readonly member: TarMember;
  readonly offset: number;
  readonly crc?: string;
  readonly deleted: boolean;
}

/** The index of one archive. */
export interface ArchiveIndex {
  /** What the archive's consistency file holds; empty for one that htar did not make. */
  readonly check: string;
  readonly entries: readonly IndexEntry[];
}

/** The first line of an index. The real format is not published; this one is ours (docs/sandbox.md). */
const format = 'stowage-sandbox-idx-1';

/** The name of the member that ties an archive to its index. */
export function isConsistencyFile(path: string): boolean {
  return /(^|\/)HTAR_CF_CHK_\d+_\d+$/.test(path);
}

/** Writes the index beside its archive, in place of any that was there. */
export function writeIndex(run: HtarRun, { check, entries }: ArchiveIndex): void {
  const sink = openSink(run, indexPath(run));
  sink.write(Buffer.from(`${JSON.stringify({ format, check })}\n`));
  for (const { member, ...rest } of entries) {
    const { path, target, ...fields } = member;
    const line = { ...rest, name: nameToJson(path), target: nameToJson(target), ...fields };
    sink.write(Buffer.from(`${JSON.stringify(line)}\n`));
  }
  sink.done();
}

/** Reads the index. Throws `HtarFailure` if it is not there, or is none. */
export function readIndex(run: HtarRun): ArchiveIndex {
  const path = indexPath(run);
  const shown = run.options.index === undefined ? `${run.options.archive}.idx` : path;
  if (sizeOf(run, path) === undefined) {
    const lines = [`ERROR: No such file: ${shown}`, `ERROR: Fatal error opening index file: ${shown}`];
    throw new HtarFailure(lines, exits.fileMissing);
  }
  try {
    return parse(readBytes(run, path).toString('utf8'));
  } catch (error) {
    if (error instanceof HpssError) throw new HtarFailure([`ERROR: ${error.message}`], exits.fileMissing);
    throw new HtarFailure([`ERROR: Fatal error reading index file: ${shown}`], exits.data);
  }
}

function parse(text: string): ArchiveIndex {
  const [first, ...lines] = text.split('\n').filter((line) => line !== '');
  const head = JSON.parse(first ?? '') as { readonly format: string; readonly check: string };
  if (head.format !== format) throw new Error('not an index');
  return { check: head.check, entries: lines.map((line) => entryFrom(JSON.parse(line) as StoredEntry)) };
}

type StoredEntry = Omit<TarMember, 'path' | 'target'> &
  Omit<IndexEntry, 'member'> & { readonly name: NameInJson; readonly target: NameInJson };

function entryFrom({ name, target, offset, crc, deleted, ...fields }: StoredEntry): IndexEntry {
  const member = { ...fields, path: nameFromJson(name), target: nameFromJson(target) };
  return { member, offset, deleted, ...(crc === undefined ? {} : { crc }) };
}
