import { attributesOf, setAttributes } from '../system/attributes.ts';
import { makeDirectory, move, remove, removeDirectory } from '../system/changes.ts';
import { createFile, readHeld } from '../system/files.ts';
import { attempt, exits, HpssError } from '../system/hpss-error.ts';
import { baseName, find, joined, look, mustBeOwned, parentOf } from '../system/namespace.ts';
import { nowMs } from '../system/system.ts';
import { expanded, forEachPath, here, isAbsent, readArguments, readMode, UsageError } from './arguments.ts';
import type { Word } from './command-line.ts';
import { chat, complainOf, type Session, say } from './session.ts';

/** `mkdir [-p] [-m MODE]`. */
export async function mkdir(session: Session, words: readonly Word[]): Promise<void> {
  const { flags, values, words: paths } = readArguments(words, 'p', 'm');
  const given = values.get('m');
  const mode = given === undefined ? {} : { mode: readMode(given) };
  await forEachPath(session, 'mkdir', paths, async (path) => {
    makeDirectory(session.system, here(session, path), { parents: flags.has('p'), ...mode });
    await chat(session, `mkdir: ${here(session, path)}`);
  });
}

/** `rmdir`: only what is empty. */
export async function rmdir(session: Session, words: readonly Word[]): Promise<void> {
  await forEachPath(session, 'rmdir', readArguments(words, '').words, async (path) => {
    removeDirectory(session.system, find(session.system, here(session, path), false));
  });
}

/** `rm [-R]`. */
export async function rm(session: Session, words: readonly Word[]): Promise<void> {
  const { flags, words: paths } = readArguments(words, 'R');
  const deed = async (path: string) => {
    const object = find(session.system, here(session, path), false);
    remove(session.system, object, flags.has('R'));
    const when = session.times.slashed(object.mtimeMs);
    await chat(session, `rm: ${object.path} (${when} ${object.bytes} bytes)`);
  };
  await forEachPath(session, 'rm', paths, deed, (error) => (isAbsent(error) ? exits.fileMissing : undefined));
}

/** `mv OLD… NEW`; the last may be a directory. */
export async function mv(session: Session, words: readonly Word[]): Promise<void> {
  await toLast(session, 'mv', words, (from, to) => {
    const object = find(session.system, from, false);
    move(session.system, object, to);
  });
}

/** `cp OLD… NEW`, all within HPSS. */
export async function cp(session: Session, words: readonly Word[]): Promise<void> {
  await toLast(session, 'cp', words, (from, to) => {
    const object = find(session.system, from);
    if (look(session.system, to, true).object?.identity === object.identity) throw new HpssError('EINVAL', to);
    const filing = createFile(session.system, to, { bytes: object.bytes });
    for (const chunk of readHeld(session.system, object)) filing.write(chunk);
    filing.done();
  });
}

/** `ln -s TARGET LINK`. */
export async function ln(session: Session, words: readonly Word[]): Promise<void> {
  const { flags, words: paths } = readArguments(words, 's');
  const [target, link] = paths;
  if (!flags.has('s') || target === undefined || link === undefined || paths.length > 2) {
    throw new UsageError('ln -s target link');
  }
  try {
    const { path, local, object } = look(session.system, here(session, link.text), false);
    if (object !== undefined) throw new HpssError('EEXIST', path);
    parentOf(session.system, path);
    attempt(path, () => session.system.disk.makeLink(target.text, local));
  } catch (error) {
    await complainOf(session, 'ln', error);
  }
}

/** `chmod MODE`, in octal. */
export async function chmod(session: Session, words: readonly Word[]): Promise<void> {
  const { words: all } = readArguments(words, '');
  const mode = readMode(all[0]?.text ?? '');
  await ofOwn(session, 'chmod', all.slice(1), { mode });
}

/** `chgrp GROUP`. */
export async function chgrp(session: Session, words: readonly Word[]): Promise<void> {
  const { words: all } = readArguments(words, '');
  await ofOwn(session, 'chgrp', all.slice(1), { group: all[0]?.text ?? '' });
}

/** `chown`: nobody but the administrator may. */
export async function chown(session: Session, words: readonly Word[]): Promise<void> {
  const { words: all } = readArguments(words, '');
  await forEachPath(session, 'chown', all.slice(1), (path) => {
    const object = find(session.system, here(session, path));
    if (attributesOf(session.system, object).owner !== all[0]?.text) throw new HpssError('EPERM', path);
  });
}

/** `touch`: a new empty file, or a new time. */
export async function touch(session: Session, words: readonly Word[]): Promise<void> {
  await forEachPath(session, 'touch', readArguments(words, '').words, (path) => {
    const { object } = look(session.system, here(session, path), true);
    if (object === undefined) createFile(session.system, here(session, path)).done();
    else session.system.disk.setTimes(object.local, nowMs(session.system));
  });
}

/** `cd`, and without a path the home directory. */
export async function cd(session: Session, words: readonly Word[]): Promise<void> {
  const path = words[0]?.text ?? session.system.settings.home;
  try {
    const object = find(session.system, here(session, path));
    if (object.type !== 'd') throw new HpssError('ENOTDIR', path);
    session.directory = object.path;
  } catch (error) {
    await complainOf(session, 'cd', error);
  }
}

/** `pwd`. */
export async function pwd(session: Session): Promise<void> {
  await say(session, session.directory);
}

async function ofOwn(
  session: Session,
  command: string,
  paths: readonly Word[],
  changes: { readonly mode?: number; readonly group?: string },
): Promise<void> {
  await forEachPath(session, command, paths, (path) => {
    const object = find(session.system, here(session, path));
    mustBeOwned(session.system, object, path);
    setAttributes(session.system, object, changes);
  });
}

async function toLast(
  session: Session,
  command: string,
  words: readonly Word[],
  deed: (from: string, to: string) => void,
): Promise<void> {
  const all = readArguments(words, '').words;
  const last = all.at(-1);
  if (all.length < 2 || last === undefined) throw new UsageError(`${command} old new`);
  const froms = await expanded(session, command, all.slice(0, -1));
  for (const from of froms) {
    try {
      const to = here(session, last.text);
      const directory = look(session.system, to, true).object?.type === 'd';
      if (!directory && froms.length > 1) throw new HpssError('ENOTDIR', to);
      deed(here(session, from), directory ? joined(to, baseName(from)) : to);
    } catch (error) {
      await complainOf(session, command, error);
    }
  }
}
