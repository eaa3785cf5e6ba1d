import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../durable/folder.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath, type NameInJson, nameFromJson, nameToJson } from '../../model/byte-name.ts';
import { runProgram } from '../../programs/run-program.ts';
import { indicators, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';
import { filesBelow, stagedDays } from './staged-days.ts';

/**
 * Encrypts the files of staged days by gpg, each into `NAME.gpg`, and removes the plain one when that is durable. What was encrypted is remembered until its day is
 * done, so that a run that was killed goes on and encrypts nothing twice. Throws `program` if gpg does not know the recipient.
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
    const done = new Set(await readNames(memory));
    let failed = false;
    for (const path of [...filesBelow(folder)]) {
      if (done.has(path)) continue;
      const target = `${path}.gpg`;
      try {
        if (!done.has(target)) {
          await encryptFile(path, target);
          done.add(target);
          const text = `${JSON.stringify([...done].map(nameToJson))}\n`;
          await writeWhole(run.files, memory, text, { replace: true, mode: 0o600 });
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

  async function encryptFile(path: string, target: string): Promise<void> {
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
      await run.files.rename(temporary, target);
      await run.files.syncFolder(dirname(target));
    } catch (error) {
      await run.files.unlink(temporary).catch(() => undefined);
      throw fileError(`cannot encrypt '${displayName(path)}'`, error);
    }
  }
}

async function readNames(path: string): Promise<readonly string[]> {
  try {
    return (JSON.parse(await readFile(fsPath(path), 'utf8')) as NameInJson[]).map(nameFromJson);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}
