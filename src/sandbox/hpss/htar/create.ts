import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { crc32 } from 'node:zlib';
import { nameFromBytes } from '../../../model/byte-name.ts';
import { makeDirectory } from '../system/changes.ts';
import { pieces } from '../system/files.ts';
import { exitOf, exits, HpssError } from '../system/hpss-error.ts';
import { nowMs } from '../system/system.ts';
import { spend } from '../system/tape.ts';
import { valveFor } from '../valve.ts';
import { archivePath, openSink, type Sink } from './archive.ts';
import { type Candidate, gather } from './gather.ts';
import { type IndexEntry, writeIndex } from './index-file.ts';
import { grouped, HtarFailure, type HtarRun, tell, tellMore, warn } from './run.ts';
import { blockBytes, headerBlock, padding, type TarMember } from './tar-block.ts';
import { verifyArchive } from './verify.ts';

/** The size of the consistency file. */
const checkBytes = 256;

/** `htar -c`: an archive of what was asked for, less what could not be had, over any that was there. Gives the exit status. */
export async function create(run: HtarRun): Promise<number> {
  const { system, options, fault } = run;
  const path = archivePath(run);
  const { candidates, exit: gatherExit } = await gather(run);
  if (options.flags.has('P') && !options.flags.has('E')) {
    makeDirectory(system, path.replace(/\/[^/]*$/, '') || '/', { parents: true });
  }
  const omitted = fault?.kind === 'omit' && fault.what === 'members' ? (fault.count ?? 1) : 0;
  const sink = openSink(run, path);
  const valve = valveFor(fault, (bytes) => sink.write(bytes));
  const write = async (bytes: Uint8Array) => sink.write(await valve.pass(bytes));
  const entries: IndexEntry[] = [];
  let at = 0;
  let exit = gatherExit;
  try {
    for (const [number, candidate] of candidates.entries()) {
      const chunks = number < candidates.length - omitted ? contentOf(candidate) : undefined;
      if (chunks === undefined) {
        const what = `Index entry ${number}, Local file ${candidate.member.path}`;
        await warn(run, `WARNING: ${what} was missing or inaccessible and could not be copied to the archive`);
        exit = exits.fileMissing;
        continue;
      }
      const crc = await writeMember(candidate.member, chunks, write);
      entries.push({ member: candidate.member, offset: at, deleted: false, ...(options.crc ? { crc } : {}) });
      at += sizeInTar(candidate.member.bytes);
      if (options.flags.has('v') || options.flags.has('V')) await tell(run, `HTAR: a   ${candidate.member.path}`);
    }
    const check = consistencyFile(run);
    await writeMember(check.member, [check.content], write);
    entries.push({ member: check.member, offset: at, deleted: false });
    at += sizeInTar(checkBytes);
    if (options.flags.has('v') || options.flags.has('V')) await tell(run, `HTAR: a   ${check.member.path}`);
    await write(Buffer.alloc(2 * blockBytes));
    at += 2 * blockBytes;
    sink.done();
    if (fault?.kind !== 'omit' || fault.what !== 'index') {
      writeIndex(run, { check: check.content.toString('latin1'), entries });
    }
  } catch (error) {
    throw writeFailure(sink, path, error);
  }
  spend(system, at / system.settings.bytesPerSecond);
  const isWhole = fault === undefined || fault.kind === 'slow';
  if (options.verify.size > 0 && isWhole) await verifyArchive(run);
  if (options.removeLocal) removeLocal(run, candidates, entries);
  await tellMore(run, completion(run, at, entries.length - 1));
  return fault?.kind === 'omit' ? (fault.exit ?? (fault.what === 'index' ? exits.ok : exit)) : exit;
}

/** The content of a member, opened; undefined if the file is not there any more, or cannot be read. */
function contentOf({ local, member }: Candidate): Iterable<Uint8Array> | undefined {
  if (member.flag !== '0') return [];
  const chunks = pieces(local, 0, member.bytes);
  try {
    const first = chunks.next();
    return joinedAgain(first, chunks);
  } catch {
    // htar goes on without it and says so; that is what this stands in for.
    return undefined;
  }
}

function* joinedAgain(first: IteratorResult<Buffer>, rest: Iterable<Buffer>): Generator<Uint8Array> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

/** Writes header, content and padding; a file that became shorter is filled up with zeros. Gives the CRC of the content. */
async function writeMember(
  member: TarMember,
  chunks: Iterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<string> {
  await write(headerBlock(member));
  let crc = 0;
  let left = member.bytes;
  for (const chunk of chunks) {
    await write(chunk);
    crc = crc32(chunk, crc);
    left -= chunk.length;
  }
  for (; left > 0; left -= Math.min(left, 2 ** 20)) {
    const zeros = Buffer.alloc(Math.min(left, 2 ** 20));
    await write(zeros);
    crc = crc32(zeros, crc);
  }
  await write(padding(member.bytes));
  return (crc >>> 0).toString(16).padStart(8, '0');
}

function consistencyFile({ system }: HtarRun): { readonly member: TarMember; readonly content: Buffer } {
  const seconds = Math.floor(nowMs(system) / 1000);
  const { user, group, uid } = system.settings;
  const content = Buffer.alloc(checkBytes);
  content.write(`HTAR consistency file ${process.pid} ${seconds} ${randomBytes(16).toString('hex')}`, 'latin1');
  const path = `${nameFromBytes(Buffer.from(tmpdir()))}/HTAR_CF_CHK_${process.pid}_${seconds}`;
  const owned = { mode: 0o600, seconds, uid, gid: uid, owner: user, group, target: '' };
  return { member: { path, flag: '0', bytes: checkBytes, ...owned }, content };
}

function removeLocal({ system }: HtarRun, candidates: readonly Candidate[], entries: readonly IndexEntry[]): void {
  const stored = new Set(entries.map(({ member }) => member.path));
  for (const { local, member } of candidates) {
    if (member.flag !== '5' && stored.has(member.path)) system.disk.removeFile(local);
  }
}

function completion({ options, system }: HtarRun, bytes: number, members: number): string {
  const seconds = 0.05 + bytes / system.settings.bytesPerSecond;
  const speed = (bytes / 1e6 / seconds).toFixed(3);
  const what = `${grouped(bytes)} bytes written for ${members} member files, max threads: ${options.threads}`;
  return `HTAR Create complete for ${options.archive}. ${what} Transfer time: ${seconds.toFixed(3)} seconds (${speed} MB/s)`;
}

function writeFailure(sink: Sink, path: string, error: unknown): unknown {
  sink.abandon();
  if (!(error instanceof HpssError)) return error;
  return new HtarFailure([`***Error ${error.code} on hpss_Write for ${path}`], exitOf(error.symbol));
}

/** How much a member with so many bytes takes, header and padding included. */
export function sizeInTar(bytes: number): number {
  return blockBytes + Math.ceil(bytes / blockBytes) * blockBytes;
}
