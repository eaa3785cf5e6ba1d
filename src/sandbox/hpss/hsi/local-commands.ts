import { readdirSync, realpathSync, statSync } from 'node:fs';
import { fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import { ensureDirectory } from '../system/disk.ts';
import { exits } from '../system/hpss-error.ts';
import { local } from './arguments.ts';
import type { Word } from './command-line.ts';
import { complain, type Session, say } from './session.ts';

/** `lcd`: the directory of this machine that local names are relative to. */
export async function lcd(session: Session, words: readonly Word[]): Promise<void> {
  const path = local(session, words[0]?.text ?? session.world.environment.HOME ?? '/');
  await locally(session, 'lcd', async () => {
    const real = nameFromBytes(realpathSync(fsPath(path), { encoding: 'buffer' }));
    if (!statSync(fsPath(real)).isDirectory())
      throw Object.assign(new Error('ENOTDIR: not a directory'), { code: 'ENOTDIR' });
    session.localDirectory = real;
  });
}

/** `lpwd`. */
export async function lpwd(session: Session): Promise<void> {
  await say(session, session.localDirectory);
}

/** `lls`: bare names. */
export async function lls(session: Session, words: readonly Word[]): Promise<void> {
  await locally(session, 'lls', async () => {
    const found = readdirSync(fsPath(local(session, words[0]?.text ?? '.')), { encoding: 'buffer' });
    for (const bytes of found.sort(Buffer.compare)) await say(session, nameFromBytes(bytes));
  });
}

/** `lmkdir`: with the directories above. */
export async function lmkdir(session: Session, words: readonly Word[]): Promise<void> {
  await locally(session, 'lmkdir', async () => {
    for (const { text } of words) ensureDirectory(local(session, text));
  });
}

async function locally(session: Session, command: string, deed: () => Promise<void>): Promise<void> {
  try {
    await deed();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    await complain(session, `*** ${command}: ${(error as Error).message}`, exits.osError);
  }
}
