import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { copyStand, ends, journalsOf, notesIn } from '../../../../test/copies.ts';
import { killedFiles } from '../../../../test/failing-files.ts';
import { scratchFolder } from '../../../../test/scratch-folder.ts';
import { makeFolder } from '../../../durable/folder.ts';
import { isLeftBehind, ownName } from '../../../durable/own-name.ts';
import { realFiles } from '../../../durable/real-files.ts';
import { systemClock } from '../../../model/clock.ts';
import { begunName, copyJournal } from './copy-journal.ts';

const upload = { lfn: '/a', local: { path: '/b' }, bytes: 1, md5: '', replicas: [] };

test('a journal has its name only with its first line, wherever the run is killed that begins it', async () => {
  const seen = new Set<string>();
  let isDone = false;
  for (let at = 1; !isDone; at += 1) {
    for (const torn of [false, true]) {
      const folder = `${await scratchFolder()}/copies`;
      const journal = copyJournal(folder, systemClock, killedFiles(realFiles, { at, torn }));
      isDone = await journal.booked(journal.next(), upload).then(
        () => true,
        () => false,
      );
      const names = await realFiles.lstat(folder).then((found) => (found === undefined ? [] : readdirSync(folder)));
      for (const name of names) {
        seen.add(name.endsWith('.jsonl') ? 'journal' : name.slice(0, begunName.length));
        if (!name.endsWith('.jsonl')) continue;
        expect(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8').split('\n')[0]!), `${at}`).toMatchObject({
          kind: 'begin',
          run: journal.run,
        });
      }
      await journal.close().catch(() => undefined);
    }
  }
  expect([...seen].sort()).toEqual([begunName, 'journal']);
});

test('the next run clears what a run has left that was killed before its first line; what may be of one that goes on stays', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const folder = journalsOf(stand);
  await makeFolder(realFiles, folder);
  const leave = (name: string) => writeFileSync(`${folder}/${name}`, '');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const ours = ownName(begunName);
  const dead = ours.replace(`_${process.pid}_`, `_${gone}_`);
  expect(isLeftBehind(dead, begunName)).toBe(true);
  // As Stowage left them before: empty, or torn in the first line.
  const [old, torn, now] = ['20200101T235959Z-00aa', '20200102T000000Z-00ab', '29990101T000000Z-00ac'].map(
    (run) => `${run}.jsonl`,
  ) as [string, string, string];
  for (const name of [ours, dead, old, now]) leave(name);
  writeFileSync(`${folder}/${torn}`, '{"kind":"beg');
  expect(ends(await stand.copy([stand.upload('file', 'content')]))).toMatchObject({ file: { kind: 'copied' } });
  expect([...notesIn(stand)].sort()).toEqual([now, ours].sort());
});
