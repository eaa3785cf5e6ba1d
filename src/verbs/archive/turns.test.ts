import { expect, test } from 'vitest';
import { turns } from './turns.ts';

test('at most so many at once, in the order of the calls, also after a failure', async () => {
  const inTurn = turns(2);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const deed = (name: string) =>
    inTurn(
      () =>
        new Promise<string>((resolve, reject) => {
          begun.push(name);
          ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
        }),
    );
  const all = ['a', 'b', 'c', 'd'].map(deed);
  const failed = expect(all[1]).rejects.toThrow('x');
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')!(new Error('x'));
  await failed;
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('c')!();
  expect(await all[2]).toBe('c');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  ends.get('a')!();
  ends.get('d')!();
  expect(await Promise.all([all[0], all[3]])).toEqual(['a', 'd']);
  const again = deed('e');
  expect(begun.at(-1)).toBe('e');
  ends.get('e')!();
  await again;
});
