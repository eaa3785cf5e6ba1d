import { crc32 } from 'node:zlib';
import { exits } from '../system/hpss-error.ts';
import { archivePath, readArchive, readBytes } from './archive.ts';
import { type ArchiveIndex, type IndexEntry, isConsistencyFile, readIndex } from './index-file.ts';
import { grouped, HtarFailure, type HtarRun, tell, tellMore } from './run.ts';
import { blockBytes, readBlock } from './tar-block.ts';

/** `htar -K`, and what `-H verify` does behind `-c`: every member lies where the index says, with the CRC that it says. */
export async function verifyArchive(run: HtarRun): Promise<void> {
  const index = readIndex(run);
  mustBelongTogether(run, index);
  for (const entry of index.entries) {
    mustLieThere(run, entry);
    const { member, crc, offset } = entry;
    if (crc === undefined || run.options.verify.has('nocrc')) continue;
    let sum = 0;
    const start = offset + blockBytes;
    for (const chunk of readArchive(run, archivePath(run), start, start + member.bytes)) sum = crc32(chunk, sum);
    if ((sum >>> 0).toString(16).padStart(8, '0') !== crc) {
      throw new HtarFailure([`ERROR: CRC mismatch for member ${member.path}`], exits.data);
    }
    if (run.options.flags.has('V')) await tell(run, `HTAR: v   ${member.path}`);
  }
  const files = index.entries.filter(({ member }) => !isConsistencyFile(member.path)).length;
  await tellMore(run, `HTAR: Verify complete for ${run.options.archive}, ${grouped(files)} files`);
}

/** Throws unless the archive's consistency file is the one that the index was made with. */
export function mustBelongTogether(run: HtarRun, { check, entries }: ArchiveIndex): void {
  const entry = entries.find(({ member }) => isConsistencyFile(member.path));
  if (entry === undefined) return;
  const start = entry.offset + blockBytes;
  const found = readBytes(run, archivePath(run), start, start + entry.member.bytes).toString('latin1');
  if (found === check) return;
  throw new HtarFailure(['ERROR: consistency check failed: the index file is not of this archive'], exits.data);
}

/** Throws unless the header at that place is the one of that member. */
export function mustLieThere(run: HtarRun, { member, offset }: IndexEntry): void {
  try {
    const found = readBlock(readBytes(run, archivePath(run), offset, offset + blockBytes));
    if (found?.path === member.path && found.bytes === member.bytes) return;
  } catch (error) {
    if (error instanceof HtarFailure) throw error;
  }
  throw new HtarFailure([`ERROR: no member ${member.path} at offset ${offset} of the archive`], exits.data);
}
