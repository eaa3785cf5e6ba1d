import { opendir, stat } from 'node:fs/promises';
import { plainReason, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
import { diskSections } from '../../rules/disk-substitution.ts';
import type { Diagnosis } from '../../store/examination.ts';
import { type Check, ok, problem, unseen, warning } from './check.ts';

/** That the sections and the directories that have rules are there, on each disk, and may be read. What lies deeper is for `missing` to tell. */
export const rootCheck: Check = {
  name: 'root',
  async *examine({ project, signal }) {
    if (project === undefined) return;
    const { root, physicalDisks, sections } = project.configuration;
    const atRoot = await look(root);
    if (atRoot !== undefined) {
      const found = `cannot read the root '${displayName(root)}': ${plainReason(atRoot)}`;
      const absent = ['ENOENT', 'ENOTDIR'].includes(systemCode(atRoot) ?? '');
      yield absent ? problem(found, 'mount it, or correct root') : unseen(found, forWhom(atRoot));
      return;
    }
    const sick: Diagnosis[] = [];
    for (const [section, { directories }] of sections) {
      signal?.throwIfAborted();
      let there = 0;
      for (const { sectionRoot } of diskSections(root, physicalDisks, section)) {
        const error = await look(sectionRoot);
        if (error === undefined) {
          there += 1;
          sick.push(...(await unreadable([...directories.keys()].map((one) => joinPath(sectionRoot, one)))));
        }
        // A section need not be on every disk.
        else if (systemCode(error) !== 'ENOENT') {
          sick.push(blind(sectionRoot, error));
          there += 1;
        }
      }
      if (there === 0) {
        const found = `the section '${displayName(section)}' is on no disk`;
        sick.push(warning(found, 'mount its disk, or correct the configuration'));
      }
    }
    if (sick.length === 0) yield ok(`'${displayName(root)}' and its sections can be read`);
    yield* sick;
  },
};

/** Of the directories that have rules, those that are there and cannot be read. */
async function unreadable(paths: readonly string[]): Promise<readonly Diagnosis[]> {
  const all: Diagnosis[] = [];
  for (const path of paths) {
    const error = await look(path);
    if (error !== undefined && !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) all.push(blind(path, error));
  }
  return all;
}

function blind(path: string, error: unknown): Diagnosis {
  return unseen(`cannot read '${displayName(path)}': ${plainReason(error)}`, forWhom(error));
}

/** The error of looking at a folder; undefined if all went well. */
async function look(path: string): Promise<unknown> {
  try {
    const folder = await opendir(fsPath(path) as string);
    try {
      const first = await folder.read();
      // To read names is one right, to go in another.
      if (first !== null) await stat(fsPath(`${path}/.`));
    } finally {
      await folder.close();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function forWhom(error: unknown): string {
  return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '')
    ? 'run Stowage as a user who may read it'
    : 'look at the disk, and at what the system says (dmesg)';
}
