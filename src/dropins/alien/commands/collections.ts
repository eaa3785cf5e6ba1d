import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { realFiles } from '../../../durable/real-files.ts';
import { writeWhole } from '../../../durable/whole-file.ts';
import { plainReason, StowageError } from '../../../errors.ts';
import { isLocalName, localPath } from '../../../grid/lfn.ts';
import { displayName } from '../../../model/byte-name.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { wordsOf } from '../grammar.ts';
import { localCollection } from '../local-collection.ts';
import { md5Of } from '../md5-of.ts';
import { failed, type Outcome, said } from '../outcome.ts';

async function toXml(context: Context, args: readonly string[]): Promise<Outcome> {
  if (!args.includes('-local')) return context.server('toXml', args);
  const { names, lists, target, skipsMissing } = localXmlLine(args);
  if (target !== undefined && !isLocalName(target)) return failed(22, 'toXml -local: -x takes file:PATH');
  try {
    for (const list of lists) names.push(...namesInList(readFileSync(localPath(list), 'utf8')));
    if (names.length === 0) return failed(22, 'toXml -local: name files');
    const paths = names.map((name) => resolve(localPath(name)));
    const missing = skipsMissing ? paths.filter((path) => !existsSync(path)) : [];
    const text = await localCollection(
      paths.filter((path) => !missing.includes(path)),
      md5Of,
      new Date(),
    );
    const told = missing.map((path) => `toXml: left out, as it is not there: ${displayName(path)}`).join('\n');
    if (target === undefined) return { ...said(text.trimEnd()), err: told };
    await writeWhole(realFiles, resolve(localPath(target)), text, { replace: false });
    return { ...said(''), err: told };
  } catch (error) {
    if (error instanceof StowageError) throw error;
    return failed(2, `toXml: ${plainReason(error)}: ${(error as { path?: string }).path ?? ''}`);
  }
}

/** Throws `usage`: 22 for what is no option, 38 for `-a`. */
function localXmlLine(args: readonly string[]) {
  const given = { names: [] as string[], lists: [] as string[], target: undefined as string | undefined };
  let skipsMissing = false;
  const bad = (what: string, errno: number) => new StowageError('usage', `toXml -local: ${what}`, { facts: { errno } });
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const value = () => {
      at += 1;
      if (args[at] === undefined) throw bad(`${arg} needs a value`, 22);
      return args[at]!;
    };
    if (arg === '-local') continue;
    if (arg === '-i') skipsMissing = true;
    else if (arg === '-l') given.lists.push(value());
    else if (arg === '-x') given.target = value();
    else if (arg === '-a') throw bad('nothing is added to a file of this machine', 38);
    else if (arg.startsWith('-')) throw bad(`there is no option ${arg}`, 22);
    else given.names.push(arg);
  }
  return { ...given, skipsMissing };
}

/** Names, with the quotes of a shell around those with blanks; lines that begin with `#`, `;` or `//` are comments. */
function namesInList(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (/^\s*(#|;|\/\/|$)/.test(line) ? [] : wordsOf(line)));
}

const xmlShape: Omit<ClientCommand, 'name'> = {
  summary: 'write a collection as XML',
  usage: [
    'toXml [OPTIONS] LFN...',
    'Without -local the server does it: -a, -i, -l and -x as there.',
    '-local  the names are files of this machine    -x file:PATH  write it there; nothing is overwritten',
    '-l FILE  with -local: more names, one after the other    -i  with -local: what is not there is told and left out',
  ],
  run: toXml,
};

/** Commands about collections of files. */
export const commands: readonly ClientCommand[] = [
  { name: 'toXml', ...xmlShape },
  { name: '2xml', ...xmlShape },
];
