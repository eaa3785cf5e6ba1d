import { expect, test } from 'vitest';
import { scratchHpss } from '../../test/scratch-hpss.ts';
import { hsi } from './hsi.ts';
import { compareTapePlaces, tapePlace, tapePlaces } from './tape-places.ts';

const line =
  'FILE\t/home/tpb/halloy_test\t111670\t111670\t3962+300150\tX0352700\t5081\t0\t1\t01/29/2004\t15:25:02\t03/19/2012\t13:09:50';

test.each([
  [line, { cartridge: 'X0352700', section: 3962, offset: 300150 }],
  ['FILE\t/home/e\t   0\t 0\t0\t        \t6056\t0\t1', { cartridge: '', section: 0, offset: 0 }],
  ['DIRECTORY\t/home/tpb/bearcat', undefined],
  ['*** ls: no', undefined],
])('%j', (text, place) => {
  expect(tapePlace(text)).toEqual(place);
});

test('sections and offsets are numbers', () => {
  const places = ['B 9+1', 'A 10+5', 'A 9+100', 'A 9+20'].map((text) => {
    const [cartridge = '', section = 0, offset = 0] = text
      .split(/[ +]/)
      .map((part, at) => (at === 0 ? part : Number(part)));
    return { cartridge: String(cartridge), section: Number(section), offset: Number(offset) };
  });
  const sorted = [...places].sort(compareTapePlaces).map((one) => `${one.cartridge} ${one.section}+${one.offset}`);
  expect(sorted).toEqual(['A 9+20', 'A 9+100', 'A 10+5', 'B 9+1']);
});

test('many files in one session, and one that is not there', async () => {
  const hpss = await scratchHpss({ tapesAtOnce: 2 });
  const names = ['a', 'b', 'c c', 'd'];
  for (const name of names) await hsi([`put /etc/hostname : '${name}'`], hpss.options);
  const before = hpss.sessions();
  const found = await tapePlaces(
    [...names, 'none'].map((name) => `${hpss.home}/${name}`),
    hpss.options,
  );
  expect(hpss.sessions() - before).toBe(1);
  expect(new Set(found.slice(0, 4).map((one) => one?.cartridge)).size).toBe(2);
  expect(found[4]).toBeUndefined();
});
