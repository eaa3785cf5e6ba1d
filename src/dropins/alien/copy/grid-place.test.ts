import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGridPlace, writtenName } from './grid-place.ts';

test.each([
  ['a/b.root', 'a/b.root', []],
  ['a@disk:2', 'a', ['disk:2']],
  ['a,disk=2', 'a', ['disk=2']],
  ['a@disk:2,ALICE::CERN::EOS,!ALICE::GSI::SE2', 'a', ['disk:2', 'ALICE::CERN::EOS', '!ALICE::GSI::SE2']],
  ['a,ALICE::CERN::EOS', 'a', ['ALICE::CERN::EOS']],
  ['d/@tape:1', 'd/', ['tape:1']],
  // What can be no place is of the name, and that is doubtful.
  ['x,y.txt', 'x,y.txt', [], true],
  ['jane@home.txt', 'jane@home.txt', [], true],
  ['jane@home.txt@disk:1', 'jane@home.txt', ['disk:1'], true],
  ['a@disk:0', 'a@disk:0', [], true],
  ['a@disk:2,', 'a@disk:2,', [], true],
  ['a@', 'a@', [], true],
  // A backslash says so.
  ['x\\,y.txt', 'x,y.txt', []],
  ['a\\@disk:2', 'a@disk:2', []],
  ['a\\@disk:2@disk:1', 'a@disk:2', ['disk:1']],
  ['a\\\\@disk:1', 'a\\', ['disk:1']],
  ['a\\b', 'a\\b', []],
] as const)('%s', (text, name, where, isDoubtful: boolean = false) => {
  expect(readGridPlace(text)).toEqual({ name, where, isDoubtful });
});

test('every name can be written', () => {
  const unit = fc.constantFrom(...'a@,\\:2!', 'disk', '::');
  fc.assert(
    fc.property(fc.string({ unit }), fc.constantFrom('', '@disk:2', ',A::B::C'), (name, where) => {
      expect(readGridPlace(`${writtenName(name)}${where}`)).toEqual({
        name,
        where: where === '' ? [] : [where.slice(1)],
        isDoubtful: false,
      });
    }),
  );
});
