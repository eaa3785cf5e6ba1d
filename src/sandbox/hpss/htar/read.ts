import { lstatSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import { ensureDirectory } from '../system/disk.ts';
import { exits } from '../system/hpss-error.ts';
import { permissions } from '../system/mode-text.ts';
import { nowMs } from '../system/system.ts';
import { spend } from '../system/tape.ts';
import { valveFor } from '../valve.ts';
import { archivePath, readArchive, sizeOf } from './archive.ts';
import { type ArchiveIndex, type IndexEntry, isConsistencyFile, readIndex, writeIndex } from './index-file.ts';
import { grouped, HtarFailure, type HtarRun, onDisk, tell, tellMore, warn } from './run.ts';
import { blockBytes, readBlock, type TarMember } from './tar-block.ts';
import { mustBelongTogether, mustLieThere } from './verify.ts';

/** `htar -t`: the lines of the index. */
export async function list(run: HtarRun): Promise<number> {
  const index = readIndex(run);
  const { chosen, absent } = choose(run, index);
  for (const { member, deleted } of chosen) {
    const kind = { '5': 'd', '2': 'l' }[member.flag] ?? '-';
    const owner = `${deleted ? 'D' : ''} ${member.owner}/${member.group}`;
    const when = run.times.minute(member.seconds * 1000);
    const name = member.flag === '2' ? `${member.path} -> ${member.target}` : member.path;
    await tell(
      run,
      `HTAR: ${kind}${permissions(member.mode)} ${owner}${String(member.bytes).padStart(11)} ${when}  ${name}`,
    );
  }
  return complain(run, absent);
}

/** `htar -x`: members into the current directory, over what is there. */
export async function extract(run: HtarRun): Promise<number> {
  const { system, options, fault } = run;
  const index = readIndex(run);
  mustBelongTogether(run, index);
  const { chosen, absent } = choose(run, index);
  const members = chosen.filter(({ member, deleted }) => !deleted && !isConsistencyFile(member.path));
  let total = 0;
  if (options.stage && members.length > 0) for (const _ of readArchive(run, archivePath(run), 0, 0, true));
  for (const entry of members) {
    const { member, offset } = entry;
    mustLieThere(run, entry);
    const start = offset + blockBytes;
    const content = readArchive(run, archivePath(run), start, start + member.bytes);
    if (options.flags.has('O')) for (const chunk of content) await run.output.write(chunk);
    else await place(run, member, content);
    total += member.bytes;
    const blocks = 1 + Math.ceil(member.bytes / blockBytes);
    if (options.flags.has('v'))
      await tell(run, `HTAR: x ${member.path}, ${member.bytes} bytes, ${blocks} media blocks`);
  }
  spend(system, total / system.settings.bytesPerSecond);
  const seconds = 0.05 + total / system.settings.bytesPerSecond;
  const speed = `${seconds.toFixed(3)} seconds (${(total / 1e6 / seconds).toFixed(3)} MB/s )`;
  const what = `${grouped(members.length)} files. total bytes read: ${grouped(total)} in ${speed}`;
  await tellMore(run, `HTAR: Extract complete for ${options.archive}, ${what}`);
  if (fault?.kind === 'omit') return fault.exit ?? exits.ok;
  return complain(run, absent);
}

/** `htar -D` and `-U`: marks members in the index, or takes the mark off. */
export async function mark(run: HtarRun, deleted: boolean): Promise<number> {
  const index = readIndex(run);
  const { chosen, absent } = choose(run, index);
  const marked = new Set(chosen);
  writeIndex(run, {
    ...index,
    entries: index.entries.map((entry) => (marked.has(entry) ? { ...entry, deleted } : entry)),
  });
  return complain(run, absent);
}

/** `htar -X`: a new index, from the headers in the archive. */
export async function rebuild(run: HtarRun): Promise<number> {
  const path = archivePath(run);
  const bytes = sizeOf(run, path);
  if (bytes === undefined) throw new HtarFailure([`ERROR: No such file: ${run.options.archive}`], exits.fileMissing);
  const entries: IndexEntry[] = [];
  let check = '';
  for (let at = 0; at < bytes; ) {
    const member = headerAt(run, path, at);
    if (member === undefined) break;
    entries.push({ member, offset: at, deleted: false });
    const start = at + blockBytes;
    if (start + member.bytes > bytes) throw new HtarFailure(['ERROR: the archive ends in a member'], exits.data);
    if (isConsistencyFile(member.path)) {
      check = Buffer.concat([...readArchive(run, path, start, start + member.bytes)]).toString('latin1');
    }
    at = start + Math.ceil(member.bytes / blockBytes) * blockBytes;
  }
  writeIndex(run, { check, entries });
  const files = entries.filter(({ member }) => !isConsistencyFile(member.path)).length;
  const what = `${files} files ${entries.length} total objects, size=${grouped(bytes)} bytes`;
  await tellMore(run, `HTAR: Build Index complete for ${run.options.archive}, ${what}`);
  return exits.ok;
}

/** The members that were asked for, by their exact names or those of their directories; all if none was. No wildcards. */
function choose(run: HtarRun, { entries }: ArchiveIndex): { chosen: readonly IndexEntry[]; absent: readonly string[] } {
  const { files } = run.options;
  if (files.length === 0) return { chosen: entries, absent: [] };
  const isUnder = (path: string, file: string) => {
    const name = file.replace(/\/+$/, '');
    return path === name || path.startsWith(`${name}/`);
  };
  return {
    chosen: entries.filter(({ member }) => files.some((file) => isUnder(member.path, file))),
    absent: files.filter((file) => !entries.some(({ member }) => isUnder(member.path, file))),
  };
}

async function complain(run: HtarRun, absent: readonly string[]): Promise<number> {
  for (const file of absent) await warn(run, `ERROR: No such member: ${file}`);
  if (absent.length > 0) throw new HtarFailure([], exits.fileMissing);
  return exits.ok;
}

async function place(run: HtarRun, member: TarMember, content: Iterable<Buffer>): Promise<void> {
  const { disk } = run.system;
  const name = member.path.replace(/^\/+/, '').replace(/\/+$/, '');
  if (name.split('/').includes('..')) throw new HtarFailure([`ERROR: member ${member.path} leads out`], exits.data);
  const path = onDisk(run, name);
  if (disk.isReal) ensureDirectory(member.flag === '5' ? path : path.replace(/\/[^/]*$/, ''));
  if (member.flag === '5') return;
  if (member.flag === '2') {
    if (lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined) disk.removeFile(path);
    disk.makeLink(member.target, path);
    return;
  }
  const descriptor = disk.create(path);
  const valve = valveFor(run.fault, (bytes) => disk.write(descriptor, bytes));
  for (const chunk of content) disk.write(descriptor, await valve.pass(chunk));
  disk.close(descriptor);
  disk.setMode(path, run.options.flags.has('p') ? member.mode : member.mode & ~process.umask());
  disk.setTimes(path, run.options.flags.has('m') ? nowMs(run.system) : member.seconds * 1000);
}

function headerAt(run: HtarRun, path: string, at: number): TarMember | undefined {
  try {
    return readBlock(Buffer.concat([...readArchive(run, path, at, at + blockBytes)]));
  } catch (error) {
    throw new HtarFailure([`ERROR: ${(error as Error).message} at offset ${at}`], exits.data);
  }
}
