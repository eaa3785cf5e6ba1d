import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { copyStand, ends, namesIn, notesIn } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';
import type { Fault } from '../../sandbox/jalien/faults.ts';

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
