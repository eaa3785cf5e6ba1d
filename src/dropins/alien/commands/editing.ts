import { variable } from '../../../grid/environment.ts';
import { findProgram } from '../../../programs/find-program.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { copySession } from '../content/copy-session.ts';
import { editLfn } from '../content/edit-lfn.ts';
import { readGridPlace } from '../copy/grid-place.ts';
import { wordsOf } from '../grammar.ts';
import { failed, type Outcome } from '../outcome.ts';

/** What EDITOR names, which may have arguments; else `mcedit`, or where there is none `vi`. */
function ownEditor({ env }: Context): readonly string[] {
  const named = variable(env, 'EDITOR');
  if (named !== undefined) return wordsOf(named);
  return findProgram('mcedit') === undefined ? ['vi'] : ['mcedit', '-u'];
}

async function edit(
  context: Context,
  command: string,
  editor: readonly string[],
  args: readonly string[],
): Promise<Outcome> {
  const names = args.filter((arg) => arg !== '-datebck');
  const [typed, ...more] = names;
  if (typed === undefined || more.length > 0) return failed(22, `${command}: name one file`);
  const { name, where } = readGridPlace(typed);
  const lfn = (await (await context.session()).lfn(name)).replace(/(?<=.)\/$/, '');
  const backup = args.includes('-datebck') ? `${lfn}.${compactTime(new Date())}` : `${lfn}~`;
  const parts = await copySession(context);
  try {
    return await editLfn(context, parts, { command, lfn, where, editor, backup });
  } finally {
    parts.close();
  }
}

/** Of this machine's zone, as `20240301_121500`. */
function compactTime(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function editing(name: string, summary: string, editor: (context: Context) => readonly string[]): ClientCommand {
  return {
    name,
    summary,
    usage: [
      `${name} [-datebck] LFN[@SPECS]`,
      '@SPECS  where the new content goes, as @disk:2 or @ALICE::CERN::EOS; as many replicas as there are if not given',
      'The old content gets the name LFN~, with -datebck LFN.DATE_TIME; it goes there when the new one is stored and committed.',
      'A text that could not be stored is kept, and its place is told: where somebody else changed the file meanwhile, too.',
    ],
    run: (context, args) => edit(context, name, editor(context), args),
  };
}

/** Commands that change a file by an editor of this machine. */
export const commands: readonly ClientCommand[] = [
  editing('edit', 'edit a file with $EDITOR', ownEditor),
  editing('vi', 'edit a file with vi', () => ['vi']),
  editing('vim', 'edit a file with vim', () => ['vim']),
  editing('nano', 'edit a file with nano', () => ['nano']),
  editing('mcedit', 'edit a file with mcedit', () => ['mcedit', '-u']),
];
