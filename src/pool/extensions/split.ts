import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileOperations } from '../../durable/file-operations.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { baseOf } from '../../model/relative-path.ts';
import { counted } from '../counted.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { digestOf } from '../staging/present.ts';
import { extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';
import { filesBelow, stagedDays } from './staged-days.ts';

/**
 * Splits large files of staged days into pieces `NAME_00000`, `NAME_00001`, …; `cat NAME_*` makes them one again. The file goes when all pieces are durable and
 * have all its bytes. A day where something failed is tried again.
 */
export async function* executeSplit(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { sizeLimit, splitSize } = sectionOf(run.configuration.sections.split, 'split');
  if (splitSize < 1) throw new StowageError('configuration', 'split_size must be at least a byte');
  const owner = await ownerOf(run.configuration.options);
  for await (const { day, folder } of stagedDays(run, indicators.split)) {
    let failed = false;
    for (const path of filesBelow(folder)) {
      const stats = await run.files.lstat(path);
      if (stats === undefined || Number(stats.size) <= sizeLimit) continue;
      try {
        const pieces = await splitFile(run, path, Number(stats.size), splitSize, owner);
        const text = `Split [${displayName(path)}] into ${counted(pieces, 'piece')}.`;
        yield extensionEvent('split', 'info', 'done', text, { path, day, files: pieces });
      } catch (error) {
        failed = true;
        yield extensionFailure('split', `Error splitting [${displayName(path)}]`, error);
      }
    }
    if (!failed) await writeIndicator(run.files, folder, indicators.split, owner);
  }
}

async function splitFile(
  { files }: PoolRun,
  path: string,
  bytes: number,
  pieceBytes: number,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<number> {
  const pieces = Math.ceil(bytes / pieceBytes);
  if (pieces > 100_000) throw new StowageError('refused', `'${displayName(path)}' would be ${pieces} pieces`);
  try {
    await moveAside(files, path, bytes, pieceBytes);
    for (let piece = 0; piece < pieces; piece += 1) {
      const name = `${path}_${String(piece).padStart(5, '0')}`;
      const temporary = temporaryName(name);
      const [start, end] = [piece * pieceBytes, Math.min(bytes, (piece + 1) * pieceBytes) - 1];
      const file = await files.open(temporary, 'wx');
      let written = 0;
      try {
        for await (const chunk of createReadStream(fsPath(path), { start, end })) {
          await file.write(chunk as Buffer);
          written += (chunk as Buffer).length;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      if (written !== end - start + 1) {
        await files.unlink(temporary);
        throw new StowageError('changed', `'${displayName(path)}' became shorter while it was split`);
      }
      if (owner !== undefined) await files.setAttributes(temporary, { owner });
      await files.rename(temporary, name);
    }
    await files.syncFolder(dirname(path));
    await files.unlink(path);
    await files.syncFolder(dirname(path));
    return pieces;
  } catch (error) {
    throw fileError(`cannot split '${displayName(path)}'`, error);
  }
}

/** Pieces that are there and are not of this file are of what the peer had under its name before it was staged again: they are kept as `NAME.earlier-N_00000`, …. */
async function moveAside(files: FileOperations, path: string, bytes: number, pieceBytes: number): Promise<void> {
  const folder = dirname(path);
  const begin = `${baseOf(path)}_`;
  const names = (await readdir(fsPath(folder), 'buffer')).map(nameFromBytes);
  const pieces = names.filter((name) => name.startsWith(begin) && /^\d{5}$/.test(name.slice(begin.length)));
  const areOurs = await Promise.all(
    pieces.map(async (name) => {
      const start = Number(name.slice(begin.length)) * pieceBytes;
      const end = Math.min(bytes, start + pieceBytes) - 1;
      if (end < start || Number((await files.lstat(`${folder}/${name}`))?.size) !== end - start + 1) return false;
      return (await digestOf(`${folder}/${name}`)) === (await digestOf(path, { start, end }));
    }),
  );
  if (areOurs.every(Boolean)) return;
  for (let number = 1; ; number += 1) {
    const kept = (name: string) => `${baseOf(path)}.earlier-${number}_${name.slice(begin.length)}`;
    // A run that was killed may have moved some of them already, under this number.
    if (pieces.some((name) => names.includes(kept(name)))) continue;
    for (const name of pieces) await files.rename(`${folder}/${name}`, `${folder}/${kept(name)}`);
    return files.syncFolder(folder);
  }
}
