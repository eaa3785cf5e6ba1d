import { displayName } from '../../model/byte-name.ts';
import { findProgram } from '../../programs/find-program.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { type Dump, dumpProgram } from './dump-program.ts';
import { collectOf, extensionEvent, extensionFailure } from './extension-event.ts';

/** What of this machine helps to set it up again. `ls` finds things that go while it looks, and `fdisk` disks that it cannot read. */
const facts: readonly (Pick<Dump, 'program' | 'args'> & {
  readonly name: string;
  readonly statuses: readonly number[];
})[] = [
  { name: 'dpkg-selections.txt', program: 'dpkg', args: ['--get-selections'], statuses: [0] },
  { name: 'fdisk-l.txt', program: 'fdisk', args: ['-l'], statuses: [0, 1] },
  { name: 'ls-laR.txt', program: 'ls', args: ['-laR', '/'], statuses: [0, 1, 2] },
];

/** The PATH that cron gives has no place for `fdisk`. */
function searched(): string {
  return `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
}

/** Collects facts about this machine: installed packages, disks, all files. A program that is not there is told. */
export async function* executeSysinfo(run: PoolRun): AsyncGenerator<PoolEvent> {
  const collectDir = withoutSlash(collectOf(run, 'sysinfo').collectDir);
  for (const { name, program, args, statuses } of facts) {
    const found = run.configuration.options.overrides.get(program) ?? findProgram(program, searched());
    if (found === undefined) {
      yield extensionEvent('sysinfo', 'info', 'skipped', `There is no program [${program}]: no [${name}].`);
      continue;
    }
    try {
      const { path, bytes } = await dumpProgram(run, {
        program: found,
        args,
        target: `${collectDir}/${name}`,
        compression: 'bzip2',
        options: { successStatuses: statuses },
      });
      yield extensionEvent('sysinfo', 'info', 'collected', `Collected [${displayName(path)}].`, { path, bytes });
    } catch (error) {
      yield extensionFailure('sysinfo', `Error collecting [${name}]`, error);
    }
  }
}
