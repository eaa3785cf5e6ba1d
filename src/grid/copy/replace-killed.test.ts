import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { copyStand, ends, namesIn, notesIn } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';
import type { Fault } from '../../sandbox/jalien/faults.ts';
import type { CopyEvent } from './copy-event.ts';
import { copyFiles } from './copy-files.ts';
import { settleLeftRuns } from './upload/read-left.ts';

const { test } = needing(hasXrootd);

/** Nothing gets through behind the first so many commands; of the next one the reply is lost, or it is not run at all. */
function silentAfter(commands: number, isRun: boolean): readonly Fault[] {
  const cut: Fault = { skip: commands, do: { kind: 'drop' } };
  return isRun ? [{ skip: commands, times: 1, do: { kind: 'drop', when: 'after' } }, cut] : [cut];
}

test.each([false, true])(
  'a replacement that ends anywhere is ended by the next run: no content is lost, and nothing is left (the last command was run: %s)',
  async (isRun) => {
    const stand = await copyStand([{ name: 'ONE' }]);
    const { catalogue } = stand.grid.central.world;
    let isEnded = false;
    let steps = 0;
    for (; !isEnded; steps += 1) {
      const job = stand.upload(`file ${steps}`, 'old content');
      await stand.copy([job]);
      writeFileSync(job.local, 'the new content');
      stand.grid.central.setFaults(silentAfter(steps, isRun));
      const events = await stand.copy([job], { different: 'replace' });
      isEnded = ends(events)[`file ${steps}`]!.kind === 'copied' && notesIn(stand).length === 0;
      stand.grid.central.setFaults([]);
      // At every moment some name has each content that must not be lost.
      const contents = namesIn(stand).filter((name) => name.includes(`file_${steps}.`) || name === `file ${steps}`);
      const sizes = contents.map(
        (name) => catalogue.get(`${job.lfn.slice(0, job.lfn.lastIndexOf('/'))}/${name}`)!.size,
      );
      expect(sizes.some((size) => size === 11 || size === 15)).toBe(true);

      const again = await stand.copy([job], { different: 'replace' });
      expect(['copied', 'present']).toContain(ends(again)[`file ${steps}`]!.kind);
      expect(readFileSync(stand.grid.replica(job.lfn, 'ONE'), 'utf8')).toBe('the new content');
      expect(namesIn(stand)).toHaveLength(steps + 1);
      expect(notesIn(stand)).toEqual([]);
      expect(steps).toBeLessThan(40);
    }
    expect(steps).toBeGreaterThan(8);
  },
);

test('what somebody else writes while two contents change places is not removed', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const { grid } = stand.parts;
  const [target, theirs] = [stand.upload('it', 'old content'), stand.upload('theirs', 'what they wrote')];
  await stand.copy([target, theirs]);
  writeFileSync(target.local, 'the new content');
  let moves = 0;
  const parts = {
    ...stand.parts,
    grid: {
      ...grid,
      async mv(from: string, to: string) {
        moves += 1;
        // Just before the first move, behind our last look.
        if (moves === 1) {
          await grid.rm([target.lfn]);
          await grid.mv(theirs.lfn, target.lfn);
        }
        await grid.mv(from, to);
      },
    },
  };
  const told: CopyEvent[] = [];
  for await (const event of copyFiles(parts, [target], { different: 'replace' })) told.push(event);
  expect(ends(told).it).toMatchObject({ kind: 'failed', reason: { code: 'changed' } });
  // It has its name again, and nothing else is left.
  expect(namesIn(stand)).toEqual(['it']);
  expect(readFileSync(stand.grid.replica(target.lfn, 'ONE'), 'utf8')).toBe('what they wrote');
  expect(notesIn(stand)).toEqual([]);
});

test.each([false, true])(
  'content that keeps another name when its place is taken is never lost, wherever that ends (the last command was run: %s)',
  async (isRun) => {
    const stand = await copyStand([{ name: 'ONE' }]);
    const { catalogue } = stand.grid.central.world;
    const grid = stand.parts.grid;
    const read = (lfn: string) => readFileSync(stand.grid.replica(lfn, 'ONE'), 'utf8');
    const told: CopyEvent[] = [];
    let isEnded = false;
    let steps = 0;
    for (; !isEnded; steps += 1) {
      const { lfn, local } = stand.upload(`file${steps}`, 'older');
      const keep = `${lfn}~`;
      await stand.copy([{ kind: 'upload', local, lfn: keep, where: [] }]);
      writeFileSync(local, 'old content');
      await stand.copy([{ kind: 'upload', local, lfn, where: [] }]);
      writeFileSync(local, 'the new content');
      const job = async () => {
        const old = (await grid.stat(lfn))!;
        return { kind: 'upload', local, lfn, where: [], inPlaceOf: { old, keep } } as const;
      };
      const first = await job();
      stand.grid.central.setFaults(silentAfter(steps, isRun));
      const events = await stand.copy([first]);
      isEnded = ends(events)[`file${steps}`]!.kind === 'copied' && notesIn(stand).length === 0;
      stand.grid.central.setFaults([]);
      const mine = () =>
        [...catalogue.below(lfn.slice(0, lfn.lastIndexOf('/')))].filter(({ path }) => path.includes(`file${steps}`));
      expect(mine().some(({ size }) => size === 'old content'.length)).toBe(true);

      await settleLeftRuns(stand.parts, (event) => told.push(event));
      expect(notesIn(stand)).toEqual([]);
      // Whoever comes next finds the file, with one of the two.
      if (read(lfn) === 'old content')
        expect(ends(await stand.copy([await job()]))[`file${steps}`]!.kind).toBe('copied');
      expect(read(lfn)).toBe('the new content');
      expect(read(keep)).toBe('old content');
      expect(mine()).toHaveLength(2);
      expect(steps).toBeLessThan(40);
    }
    expect(steps).toBeGreaterThan(8);
    expect(told.length).toBeGreaterThan(2);
  },
);
