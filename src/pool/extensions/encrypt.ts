import { dirname } from 'node:path';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, type NameInJson, nameFromJson, nameToJson } from '../../model/byte-name.ts';
import { runProgram } from '../../programs/run-program.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';
import { filesBelow, stagedDays } from './staged-days.ts';

/**
 * Encrypts the files of staged days by gpg, each into `NAME.gpg`, and removes the plain one when that is durable. What was encrypted is remembered until its day is
 * done, so that a run that was killed goes on and encrypts nothing twice. What an earlier staging of the day brought under the same name is kept as `NAME.earlier-N.gpg`. Throws `program` if gpg does not know the recipient.
 */
export async function* executeEncrypt(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { encryptTarget: recipient } = sectionOf(run.configuration.sections.encrypt, 'encrypt');
  const owner = await ownerOf(run.configuration.options);
  const gpg = run.configuration.options.overrides.get('gpg') ?? 'gpg';
  const signal = run.signal ? { signal: run.signal } : {};
  await runProgram(gpg, ['--batch', '--no-tty', '--list-keys', '--', recipient], signal);
  const state = `${run.stateDir}/encrypt`;
  await makeFolder(run.files, state);

  for await (const { day, folder } of stagedDays(run, indicators.encrypt)) {
    const memory = `${state}/${day.replaceAll('/', '-')}.json`;
    const done = new Map(await readDone(memory));
    const remember = (target: string, of: string) => {
      done.set(target, of);
      const text = `${JSON.stringify([...done].map(([path, source]) => ({ ...nameToJson(path), source })))}\n`;
      return writeWhole(run.files, memory, text, { replace: true, mode: 0o600 });
    };
    let failed = false;
    for (const path of [...filesBelow(folder)]) {
      if (done.has(path)) continue;
      const target = `${path}.gpg`;
      try {
        const source = await factsOf(run.files, path);
        const isThere = (await run.files.lstat(target)) !== undefined;
        if (!isThere || done.get(target) !== source) {
          if (isThere && !done.has(target)) throw inTheWay(target);
          // It holds what the peer had under this name before it was staged again.
          if (isThere) await moveAside(path, target, remember);
          await encryptFile(path, target, () => remember(target, source));
        }
        await run.files.unlink(path);
        await run.files.syncFolder(dirname(path));
        yield extensionEvent('encrypt', 'info', 'done', `Encrypted [${displayName(path)}].`, { path, day });
      } catch (error) {
        failed = true;
        yield extensionFailure('encrypt', `Error encrypting [${displayName(path)}]`, error);
      }
    }
    if (failed) continue;
    await writeIndicator(run.files, folder, indicators.encrypt, owner);
    if (done.size > 0) await run.files.unlink(memory);
  }

  async function moveAside(path: string, target: string, remember: Remember): Promise<void> {
    for (let number = 1; ; number += 1) {
      const kept = `${path}.earlier-${number}.gpg`;
      if ((await run.files.lstat(kept)) !== undefined) continue;
      await remember(kept, 'earlier');
      await run.files.rename(target, kept);
      return run.files.syncFolder(dirname(target));
    }
  }

  /** What it is made from is remembered before it has its name: if it is there then, it is this. */
  async function encryptFile(path: string, target: string, remember: () => Promise<void>): Promise<void> {
    const temporary = temporaryName(target);
    try {
      const args = ['--batch', '--yes', '--no-tty', '--encrypt', '--recipient', recipient, '--output', temporary];
      await runProgram(gpg, [...args, '--', path], signal);
      // Opened once more, so that what gpg wrote is known to be on the medium.
      const file = await run.files.open(temporary, 'a');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      if (owner !== undefined) await run.files.setAttributes(temporary, { owner });
      await remember();
      await run.files.rename(temporary, target);
      await run.files.syncFolder(dirname(target));
    } catch (error) {
      await run.files.unlink(temporary).catch(() => undefined);
      throw fileError(`cannot encrypt '${displayName(path)}'`, error);
    }
  }
}

type Remember = (target: string, source: string) => Promise<void>;

/** Which file it is, as far as a second staging would make it another one. */
async function factsOf(files: FileOperations, path: string): Promise<string> {
  const stats = await files.lstat(path);
  if (stats === undefined) throw new StowageError('changed', `'${displayName(path)}' went while the day was encrypted`);
  return `${stats.size} ${stats.mtimeNs}`;
}

function inTheWay(target: string): StowageError {
  return new StowageError('exists', `there is '${displayName(target)}' already, and it was not made from it`, {
    hint: 'give one of the two another name',
  });
}

/** What was encrypted: its name, and the facts of what it was made from. */
async function readDone(path: string): Promise<readonly (readonly [string, string])[]> {
  const text = (await readIfThere(path)) ?? '[]';
  try {
    const found = JSON.parse(text) as (NameInJson & { readonly source: string })[];
    return found.map((one) => [nameFromJson(one), one.source] as const);
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}
