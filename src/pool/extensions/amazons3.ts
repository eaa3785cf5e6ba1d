import { dirname } from 'node:path';
import { makeFolder, makeQuickFolder } from '../../durable/folder.ts';
import { removeTree } from '../../durable/remove-tree.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { accountOf } from '../../programs/account.ts';
import { type ProgramOptions, runProgram } from '../../programs/run-program.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import { counted } from '../counted.ts';
import { indicators, indicatorTime, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import { wordsOf } from '../peers/ssh-command.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { dayContents } from '../stored/day-contents.ts';
import { requireNothingHidden } from '../stored/nothing-hidden.ts';
import { recordStored } from '../stored/stored-record.ts';
import { calendarDay, dayAfter, dayPath, startsWeek } from '../week.ts';
import { extensionEvent, sectionOf } from './extension-event.ts';
import { filesBelow } from './staged-days.ts';

/**
 * Copies a staged day to S3 by the command `aws`, as `s3://BUCKET/YYYY/MM/DD/`, encrypted first if the configuration says by which command, and marks it when
 * S3 lists every file with its size. What S3 holds is not removed before. Throws `refused` for a day that is larger than it may be, has links in it, or would overwrite what only S3 has, and `corrupt` where S3 lists
 * something else.
 */
export async function* executeAmazonS3(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = sectionOf(run.configuration.sections.amazons3, 'amazons3');
  const { options } = run.configuration;
  const found = await dayToCopy(run);
  if (found.offset !== 0 && section.warnMidnight) {
    yield extensionEvent('amazons3', 'warning', 'told', `The day ${found.day} is copied; it is not today.`);
  }
  const members = dayContents(found.folder);
  const link = [...members.values()].find(({ type }) => type === 'link');
  if (link !== undefined) {
    throw new StowageError('refused', `'${displayName(link.path)}' of ${found.day} is a link, which S3 cannot hold`, {
      hint: 'what the peer collects as an archive keeps its links',
    });
  }
  const target = `s3://${section.bucket}/${found.day}/`;
  await requireNothingHidden(run.stateDir, { day: found.day, members }, target, ({ place }) => place === target);
  const files: string[] = [...filesBelow(found.folder)];
  let bytes = 0;
  for (const path of files) bytes += await sizeOf(run, path);
  const isFull = run.full || startsWeek(calendarDay(run.clock.now()), options.startingDay);
  const limit = isFull ? section.fullSizeLimit : section.incrementalSizeLimit;
  if (limit !== undefined && bytes > limit) {
    throw new StowageError('refused', `the day ${found.day} has ${bytes} bytes; at most ${limit} may be copied to S3`);
  }

  const owner = await ownerOf(options);
  const how: ProgramOptions = {
    ...(owner === undefined ? {} : { as: await accountOf(options.backupUser), cwd: '/' }),
    ...(run.signal && { signal: run.signal }),
  };
  const aws = (...args: readonly string[]) =>
    runProgram(options.overrides.get('aws') ?? 'aws', args, { ...how, maxOutputBytes: longestListing });
  const work = `${withoutSlash(options.workingDir)}/.stowage-amazons3`;
  await removeTree(run.files, work);
  try {
    const source = section.encryptCommand === undefined ? found.folder : work;
    if (section.encryptCommand !== undefined) {
      await makeFolder(run.files, work);
      await run.files.setAttributes(work, { ...(owner && { owner }), mode: 0o700 });
      for (const path of files)
        await encrypt(section.encryptCommand, path, `${work}${path.slice(found.folder.length)}`);
    }
    const how = ['--recursive', '--no-follow-symlinks', '--only-show-errors'];
    await aws('s3', 'cp', ...how, '--exclude', 'cback.*', '--exclude', '*/cback.*', source, target);
    const query = ['--query', 'Contents[].{Key: Key, Size: Size}', '--output', 'json'];
    const listed = await aws(
      's3api',
      'list-objects-v2',
      '--bucket',
      section.bucket,
      '--prefix',
      `${found.day}/`,
      ...query,
    );
    const sizes = sizesIn(listed.stdout.toString('utf8'));
    for (const path of filesBelow(source)) {
      const key = `${found.day}${path.slice(source.length)}`;
      const expected = await sizeOf(run, path);
      if (sizes.get(key) === expected) continue;
      const there = sizes.has(key) ? `with ${sizes.get(key)} bytes instead of ${expected}` : 'nothing of that name';
      throw new StowageError('corrupt', `S3 lists for '${displayName(key)}' ${there}`);
    }
    await recordStored(run, { day: found.day, by: 'amazons3', place: target, members });
    await writeIndicator(run.files, found.folder, indicators.amazons3, owner);
    const text = `Copied the day ${found.day} to [${target}]: ${counted(files.length, 'file')} (${counted(bytes, 'byte')}).`;
    yield extensionEvent('amazons3', 'info', 'done', text, { day: found.day, files: files.length, bytes });
  } finally {
    await removeTree(run.files, work);
  }

  async function encrypt(command: string, input: string, output: string): Promise<void> {
    await makeQuickFolder(run.files, dirname(output));
    if (owner !== undefined) await run.files.setAttributes(dirname(output), { owner });
    const words = wordsOf(command).map((word) =>
      word.replace(/\$\{(input|output)\}/g, (_, which) => (which === 'input' ? input : output)),
    );
    const [program, ...args] = words;
    await runProgram(options.overrides.get(program!) ?? program!, args, how);
  }
}

/** A million names. */
const longestListing = 256 * 1024 * 1024;

interface Day {
  readonly day: string;
  readonly folder: string;
  /** In days, from today. */
  readonly offset: number;
}

/** The day to copy: today's; else yesterday's, for a run that comes late, else tomorrow's. With --full only today's, also once more. */
async function dayToCopy(run: PoolRun): Promise<Day> {
  const { stage } = run.configuration;
  if (stage === undefined) throw new StowageError('configuration', 'there is no section stage');
  const today = calendarDay(run.clock.now());
  for (const offset of run.full ? [0] : [0, -1, 1]) {
    const day = dayPath(dayAfter(today, offset));
    const folder = `${withoutSlash(stage.stagingDir)}/${day}`;
    if ((await indicatorTime(run.files, folder, indicators.stage)) === undefined) continue;
    if (run.full || (await indicatorTime(run.files, folder, indicators.amazons3)) === undefined) {
      return { day, folder, offset };
    }
  }
  throw new StowageError('missing', 'there is no staged day to copy to S3');
}

async function sizeOf({ files }: PoolRun, path: string): Promise<number> {
  const stats = await files.lstat(path);
  if (stats === undefined) throw new StowageError('changed', `'${displayName(path)}' went while it was copied`);
  return Number(stats.size);
}

/** What `aws s3api list-objects-v2` lists, by its query; nothing at all is no text, or `null`. */
function sizesIn(text: string): ReadonlyMap<string, number> {
  const contents: readonly { readonly Key: string; readonly Size: number }[] = JSON.parse(text.trim() || 'null') ?? [];
  return new Map(contents.map(({ Key, Size }) => [Key, Size]));
}
