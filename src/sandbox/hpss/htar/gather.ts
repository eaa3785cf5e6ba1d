import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { fsPath, nameFromBytes, nameToBytes } from '../../../model/byte-name.ts';
import { exits } from '../system/hpss-error.ts';
import { nowMs } from '../system/system.ts';
import { HtarFailure, type HtarRun, onDisk, warn } from './run.ts';
import { limits, splitPath, type TarMember } from './tar-block.ts';

/** A local file that is to be archived. */
export interface Candidate {
  readonly member: TarMember;
  readonly local: string;
}

/** What is to be archived, and the status that is left behind by what was left out. */
export interface Gathered {
  readonly candidates: readonly Candidate[];
  readonly exit: number;
}

/**
 * All members: the files named, and what lies in the directories named; of a list only its own lines. Names and link targets that ustar cannot hold are left
 * out with a warning and status 70 at the end; files that are too large, or more than `-M` allows, end the run.
 */
export async function gather(run: HtarRun): Promise<Gathered> {
  const { options, system } = run;
  const candidates: Candidate[] = [];
  let exit: number = exits.ok;
  let tooLarge = 0;
  const leaveOut = async (line: string) => {
    await warn(run, line);
    exit = exits.internal;
  };
  const take = async (path: string, recursive: boolean): Promise<void> => {
    let stat: Stats;
    try {
      stat = options.flags.has('h') ? statSync(fsPath(onDisk(run, path))) : lstatSync(fsPath(onDisk(run, path)));
    } catch {
      throw new HtarFailure([`ERROR: No such file: ${path}`, fatal], exits.fileMissing);
    }
    if (stat.isDirectory()) await takeDirectory(path, stat, recursive);
    else if (stat.isSymbolicLink()) await takeLink(path, stat);
    else if (!stat.isFile()) await leaveOut(`INFO: ${path} is not a regular file - file omitted`);
    else if (stat.size > limits.bytes) {
      await warn(run, `INFO: File too large for htar to handle: ${path} (${stat.size} bytes)`);
      tooLarge += 1;
    } else if (isRecent(stat, options.days, nowMs(system))) await add(path, stat, '0', stat.size, '');
  };
  const add = async (path: string, stat: Stats, flag: string, bytes: number, target: string) => {
    if (splitPath(path) === undefined || nameToBytes(target).length > limits.link) {
      await leaveOut('Warning: name too long for tar archive- file omitted');
      return;
    }
    const { user, group } = system.settings;
    const seconds = Math.floor(stat.mtimeMs / 1000);
    const fields = { mode: stat.mode, seconds, uid: stat.uid, gid: stat.gid, owner: user, group, target };
    candidates.push({ local: onDisk(run, path), member: { path, flag, bytes, ...fields } });
  };
  const takeDirectory = async (given: string, stat: Stats, recursive: boolean) => {
    const path = given.replace(/\/+$/, '') || '/';
    await add(path.endsWith('/') ? path : `${path}/`, stat, '5', 0, '');
    if (!recursive) return;
    for (const bytes of readdirSync(fsPath(onDisk(run, path)), { encoding: 'buffer' }).sort(Buffer.compare)) {
      await take(`${path === '/' ? '' : path}/${nameFromBytes(bytes)}`, true);
    }
  };
  const takeLink = async (path: string, stat: Stats) =>
    add(path, stat, '2', 0, nameFromBytes(readlinkSync(fsPath(onDisk(run, path)), { encoding: 'buffer' })));

  for (const path of options.files) await take(path, true);
  for (const path of await listed(run)) await take(path, false);
  if (tooLarge > 0) {
    const lines = [`ERROR: ${tooLarge} oversize member files found - please correct and retry`, fatal];
    throw new HtarFailure(lines, exits.fileMissing);
  }
  if (candidates.length > options.mostMembers) {
    const line = `ERROR: ${candidates.length} member files exceed the limit of ${options.mostMembers} (see -M)`;
    throw new HtarFailure([line, fatal], exits.fileMissing);
  }
  if (candidates.length === 0) throw new HtarFailure(['ERROR: no member files', fatal], exits.fileMissing);
  return { candidates, exit };
}

const fatal = 'ERROR: [FATAL] error(s) generating filename list';

async function listed(run: HtarRun): Promise<readonly string[]> {
  const { listFile } = run.options;
  if (listFile === undefined) return [];
  if (listFile === '-') {
    const lines: string[] = [];
    for (let line = await run.input(); line !== undefined; line = await run.input()) lines.push(line);
    return lines.filter((line) => line !== '');
  }
  try {
    return nameFromBytes(readFileSync(fsPath(onDisk(run, listFile))))
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    throw new HtarFailure([`ERROR: No such file: ${listFile}`, fatal], exits.fileMissing);
  }
}

function isRecent(stat: Stats, days: number | undefined, nowMs: number): boolean {
  return days === undefined || nowMs - stat.mtimeMs <= days * 86_400_000;
}
