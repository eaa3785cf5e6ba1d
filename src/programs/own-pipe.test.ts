import { execSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { type OwnPipe, ownPipe } from './own-pipe.ts';

/** A pipe that such a script writes into. */
async function from(script: string): Promise<{ readonly pipe: OwnPipe; readonly ended: Promise<number | string> }> {
  const folder = await scratchFolder();
  const pipe = await ownPipe(folder);
  // Of the way by which it was made nothing is left.
  expect(readdirSync(folder)).toEqual([]);
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', pipe.writeEnd, 'ignore'] });
  pipe.writeEnd.destroy();
  return {
    pipe,
    ended: new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal ?? ''))),
  };
}

test('all that is written comes, in order, however late it is asked for; then the end', async () => {
  const { pipe, ended } = await from(`head -c 20000000 /dev/zero | od -An -v -tx4 -w16 | nl`);
  const digest = createHash('sha256');
  let pieces = 0;
  let before: Uint8Array = new Uint8Array();
  // Time to fill what there is room for.
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let piece = await pipe.hear(); piece !== undefined; piece = await pipe.hear()) {
    // That of the one before is still there.
    digest.update(before);
    before = piece;
    pieces += 1;
    if (pieces % 50 === 0) await new Promise(setImmediate);
  }
  digest.update(before);
  const said = execSync(`head -c 20000000 /dev/zero | od -An -v -tx4 -w16 | nl | sha256sum`, { encoding: 'utf8' });
  expect(digest.digest('hex')).toBe(said.slice(0, 64));
  expect(await pipe.hear()).toBeUndefined();
  expect(await ended).toBe(0);
});

test('a writer is held back while nobody asks, in bounded memory', async () => {
  const folder = await scratchFolder();
  const { pipe } = await from(`cd ${folder}; while head -c 65536 /dev/zero; do printf x >>written; done`);
  await pipe.hear();
  let size = -1;
  // Until it grows no more.
  for (let now = 0; now !== size; ) {
    size = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
    now = statSync(`${folder}/written`).size;
  }
  expect(size).toBeLessThan(64);
  pipe.close();
});

test('whoever writes on when it is closed gets EPIPE, and whoever waits the end', async () => {
  const { pipe, ended } = await from('sleep 0.1; exec yes');
  const waiting = pipe.hear();
  pipe.close();
  pipe.close();
  expect(await waiting).toBeUndefined();
  expect(await ended).toBe('SIGPIPE');
});

test('where a socket cannot have a name as long as that, it says so', async () => {
  const above = await scratchFolder();
  const folder = `${above}/${'long'.repeat(30)}`;
  mkdirSync(folder);
  await expect(ownPipe(folder)).rejects.toThrow('too long for a socket');
  expect([readdirSync(folder), readdirSync(above).length]).toEqual([[], 1]);
});
