import { blockSource } from '../../disc/block-source.ts';
import { forgetCached } from '../../disc/forget-cached.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { baseOf, isWithin } from '../../model/relative-path.ts';
import { isIndicator } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { digestOf } from '../staging/present.ts';
import { stagedDay } from '../stored/staged-day.ts';
import { discDigest, isShownAs } from './on-medium.ts';
import { poolDisc } from './pool-disc.ts';

/**
 * Compares staged days, by their directories, with what the disc shows of them: the same files and links, nothing more, and every file read from the disc with the digest that was recorded when it
 * was staged (of what has none, that of the staged file). Nothing is mounted. Throws `corrupt`, naming the first that differs.
 */
export async function consistencyCheck(run: PoolRun, days: ReadonlyMap<string, string>): Promise<void> {
  const disc = await poolDisc(run);
  const { shown } = await disc.look();
  await forgetCached(disc.target, run.signal);
  const source = await blockSource(disc.target);
  try {
    for (const [folder, day] of days) {
      const { members } = await stagedDay(run, day, folder);
      const fail = (path: string, what: string) =>
        new StowageError('corrupt', `'${displayName(`${day}/${path}`)}' on the disc: ${what}`, { facts: { path } });
      for (const member of members.values()) {
        const entry = shown.get(`${day}/${member.path}`);
        if (entry === undefined) throw fail(member.path, 'it is not there');
        if (!isShownAs(entry, member)) throw fail(member.path, 'it is another one than is staged');
        if (member.type !== 'file') continue;
        const expected = member.sha256 ?? (await digestOf(`${folder}/${member.path}`));
        if ((await discDigest(source, entry, run.signal)) !== expected)
          throw fail(member.path, 'its content is not what was staged');
      }
      for (const { path, type } of shown.values()) {
        if (type === 'directory' || !isWithin(path, day) || isIndicator(baseOf(path))) continue;
        const inDay = path.slice(day.length + 1);
        if (!members.has(inDay)) throw fail(inDay, 'it is in no staged directory');
      }
    }
  } finally {
    await source.close();
  }
}
