import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { type Check, ok, problem, warning } from './check.ts';
import { eachScratch } from './each-scratch.ts';

/** Names that Linux takes and other systems change: bytes that are not UTF-8, two forms of one letter, letter case, what ends in a dot. */
const oddNames: readonly string[] = [
  ...['-dash', ' blank ', "it's", 'a:b', 'a*b?', 'back\\slash', 'new\nline', 'tab\t', 'dot.', 'con', '.hidden'],
  ...['e\u0301', '\u00e9', 'UPPER', 'upper', '\udcff\udc80', '日本', 'n'.repeat(255)],
];

/** That names come back as they were given: in the store they are those of the archives. */
export const namesCheck: Check = {
  name: 'names',
  async *examine(patient) {
    for await (const { what, path, folder } of eachScratch(patient)) {
      if (what === 'the temporary folder') continue;
      const name = `${what} '${displayName(path)}'`;
      // The names of Stowage's own files there are plain; only sections that differ in case would meet.
      const tried = what === 'the state folder' ? ['UPPER', 'upper', '%25', 'n'.repeat(200)] : oddNames;
      const { refused, changed, merged } = await tryNames(patient.files, `${folder}/names`, tried);
      if (changed.length > 0) {
        yield problem(
          `${name}: its file system changes names: ${shown(changed)}`,
          'archives with such names would look missing: choose another file system for it',
        );
      }
      if (merged.length > 0) {
        yield warning(
          `${name}: its file system takes different names for the same: ${shown(merged)}`,
          'give no two sections or archives names that differ by case, or by the form of a letter, only',
        );
      }
      if (refused.length > 0) {
        yield warning(
          `${name}: its file system refuses names: ${shown(refused)}`,
          'archives with such names cannot be stored there; their rules can name them otherwise',
        );
      }
      if (changed.length + merged.length + refused.length === 0)
        yield ok(`${name}: names come back as they were given`);
    }
  },
};

async function tryNames(files: FileOperations, folder: string, names: readonly string[]) {
  await files.mkdir(folder);
  const refused: string[] = [];
  const merged: string[] = [];
  const made: string[] = [];
  for (const name of names) {
    try {
      await (await files.open(`${folder}/${name}`, 'wx')).close();
      made.push(name);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') merged.push(name);
      else if (['EINVAL', 'EILSEQ', 'ENAMETOOLONG', 'EPERM', 'ENOENT', 'EACCES', 'EIO'].includes(code ?? ''))
        refused.push(name);
      else throw error;
    }
  }
  const listed = await readdir(fsPath(folder), { encoding: 'buffer' });
  const seen = new Set(listed.map((one) => nameFromBytes(one as Buffer)));
  return { refused, merged, changed: made.filter((name) => !seen.has(name)) };
}

function shown(names: readonly string[]): string {
  const short = names.map((name) => (name.length > 40 ? `a name of ${name.length} bytes` : `'${displayName(name)}'`));
  return short.join(', ');
}
