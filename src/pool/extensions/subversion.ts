import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { runProgram } from '../../programs/run-program.ts';
import { archiveStem } from '../collect/archive-names.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import { settleSealed } from '../collect/memory.ts';
import type { SubversionRepository } from '../configuration/extension-sections.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { itemsIn } from './directory-items.ts';
import { dumpProgram } from './dump-program.ts';
import { collectOf, extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';
import { turnOf } from './remembered.ts';

/** Dumps Subversion repositories, incrementally what was committed since a dump that is staged: `svndump-FIRST:LAST-PATH.txt`. */
export async function* executeSubversion(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = sectionOf(run.configuration.sections.subversion, 'subversion');
  const collectDir = withoutSlash(collectOf(run, 'subversion').collectDir);
  await settleSealed(run, collectDir);
  const repositories: SubversionRepository[] = [...section.repositories];
  for (const dir of section.repositoryDirs) {
    repositories.push(...itemsIn(dir, 'directories').map((path) => ({ ...dir, path })));
  }
  for (const repository of repositories) {
    const name = `[${displayName(repository.path)}]`;
    try {
      const event = await dumpRepository(run, repository, collectDir);
      yield extensionEvent('subversion', 'info', event.deed, `${name}: ${event.text}`, { path: repository.path });
    } catch (error) {
      yield extensionFailure('subversion', `Error collecting ${name}`, error);
    }
  }
}

async function dumpRepository(
  run: PoolRun,
  { path, collectMode, compressMode }: SubversionRepository,
  collectDir: string,
): Promise<{ readonly deed: 'collected' | 'skipped'; readonly text: string }> {
  const stem = archiveStem(path);
  const turn = await turnOf(run, 'subversion', stem, collectMode);
  if (!turn.due) return { deed: 'skipped', text: 'is collected on the first day of the week.' };
  const { overrides } = run.configuration.options;
  const signal = run.signal ? { signal: run.signal } : {};
  const { stdout } = await runProgram(overrides.get('svnlook') ?? 'svnlook', ['youngest', '--', path], signal);
  const youngest = stdout.toString('latin1').trim();
  if (!/^\d+$/.test(youngest)) throw new StowageError('program', `svnlook says '${displayName(youngest)}'`);
  const first = turn.since === undefined ? 0 : Number(turn.since) + 1;
  if (first > Number(youngest)) {
    await turn.remember(youngest);
    return { deed: 'skipped', text: `there is nothing newer than revision ${youngest}.` };
  }
  const dumped = await dumpProgram(run, {
    program: 'svnadmin',
    args: ['dump', '--quiet', `--revision=${first}:${youngest}`, '--incremental', '--', path],
    target: `${collectDir}/svndump-${first}:${youngest}-${stem}.txt`,
    compression: compressMode,
  });
  await turn.remember(youngest);
  return { deed: 'collected', text: `collected the revisions ${first} to ${youngest} (${dumped.bytes} bytes).` };
}
