import { expect, test } from 'vitest';
import { sharedSync } from './shared-sync.ts';

/** An fsync that ends when it is told to. */
function halting() {
  const begun: { folder: string; end: (error?: Error) => void }[] = [];
  const sync = sharedSync({
    syncFolder: (folder) =>
      new Promise((resolve, reject) => {
        begun.push({ folder, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  });
  return { begun, sync };
}

test('who asks while one is under way waits for one that begins afterwards, and shares it', async () => {
  const { begun, sync } = halting();
  const done: string[] = [];
  const ask = (name: string) => sync('a').then(() => done.push(name));
  const first = ask('first');
  const others = [ask('second'), ask('third')];
  expect(begun.length).toBe(1);
  begun[0]!.end();
  await first;
  await Promise.resolve();
  expect({ done, begun: begun.length }).toEqual({ done: ['first'], begun: 2 });
  const late = ask('late');
  begun[1]!.end();
  await Promise.all(others);
  expect(done).toEqual(['first', 'second', 'third']);
  await Promise.resolve();
  begun[2]!.end();
  await late;
  const again = sync('a');
  expect(begun.length).toBe(4);
  begun[3]!.end();
  await again;
});

test('folders do not wait for each other, and a failure is only for those who shared it', async () => {
  const { begun, sync } = halting();
  const failing = sync('a');
  const other = sync('b');
  const behind = sync('a');
  expect(begun.map((one) => one.folder)).toEqual(['a', 'b']);
  begun[0]!.end(new Error('EIO'));
  await expect(failing).rejects.toThrow('EIO');
  begun[1]!.end();
  await other;
  begun[2]!.end();
  await behind;
});
