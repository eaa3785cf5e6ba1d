import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { converse } from '../../programs/conversation.ts';
import { ownPipe } from '../../programs/own-pipe.ts';
import { sessionEar } from './session-ear.ts';

test('a peer that hangs in the middle of what it says is given up, and gone', async () => {
  const talk = converse('sh', ['-c', 'echo half of it; exec sleep 1000']);
  const ear = sessionEar(talk, 'alpha', 500);
  const all = ear.until(Buffer.from('the rest'), 1000);
  await expect(all).rejects.toMatchObject({ code: 'unavailable', message: "peer 'alpha' said nothing for 0.5 s" });
  await expect(talk.ended).rejects.toThrow('was stopped');
});

test('time in which this process stood still is no silence', async () => {
  const folder = await scratchFolder();
  const talk = converse(
    'sh',
    ['-c', 'until [ -e go ]; do sleep 0.01; done; printf here; touch said; exec sleep 1000'],
    {
      cwd: folder,
    },
  );
  const heard = sessionEar(talk, 'alpha', 2000).next();
  // Behind a look at what there is to read, and before one at the clock.
  await new Promise((resolve) => setImmediate(resolve));
  spawnSync('sh', ['-c', 'touch go; until [ -e said ]; do sleep 0.01; done; sleep 2.1'], { cwd: folder });
  expect(String(await heard)).toBe('here');
  await talk.stop();
  await expect(talk.ended).rejects.toThrow('was stopped');
});

test('what comes in pieces, with a mark in two of them, is one answer; what is behind it comes next', async () => {
  const talk = converse('sh', ['-c', 'printf "one MA"; sleep 0.1; printf "RK two"']);
  const ear = sessionEar(talk, 'alpha', 30_000);
  expect(String(await ear.until(Buffer.from('MARK'), 1000))).toBe('one ');
  expect(String(await ear.next())).toBe(' two');
  await expect(ear.next()).rejects.toThrow("the session with peer 'alpha' ended early");
});

test('a long answer is what was said, whatever memory it came in', async () => {
  const pipe = await ownPipe(await scratchFolder());
  const talk = converse('sh', ['-c', 'seq 1 600000; printf MARK'], { pipe });
  const answer = await sessionEar(talk, 'alpha', 30_000).until(Buffer.from('MARK'), 10_000_000);
  const said = Array.from({ length: 600_000 }, (_, at) => `${at + 1}\n`).join('');
  expect(String(answer) === said).toBe(true);
});

test('who says more than was asked is cut off', async () => {
  const ear = sessionEar(converse('yes', []), 'alpha', 30_000);
  await expect(ear.until(Buffer.from('MARK'), 100_000)).rejects.toThrow('says more than it was asked');
});
