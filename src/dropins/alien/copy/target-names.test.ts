import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptName } from './target-names.ts';

const file = '/alice/cern.ch/user/a/admin/ref/x.xml';
const directory = '/alice/cern.ch/user/a/admin';
const none = { parent: undefined, rmprefix: undefined };

test.each([
  // A file that was named.
  [file, undefined, false, {}, 'x.xml'],
  [file, undefined, false, { parent: 0 }, 'x.xml'],
  [file, undefined, false, { parent: 2 }, 'admin/ref/x.xml'],
  [file, undefined, false, { rmprefix: 4 }, 'admin/ref/x.xml'],
  [file, undefined, false, { parent: 99 }, 'alice/cern.ch/user/a/admin/ref/x.xml'],
  [file, undefined, false, { rmprefix: 0 }, 'alice/cern.ch/user/a/admin/ref/x.xml'],
  // A directory, and what is in one.
  [directory, 'ref/x.xml', false, {}, 'admin/ref/x.xml'],
  [directory, 'ref/x.xml', true, {}, 'ref/x.xml'],
  [directory, 'ref/x.xml', false, { parent: 1 }, 'a/admin/ref/x.xml'],
  [directory, 'ref/x.xml', true, { parent: 1 }, 'admin/ref/x.xml'],
  [directory, 'ref/x.xml', true, { rmprefix: 4 }, 'admin/ref/x.xml'],
  [directory, 'ref/x.xml', true, { rmprefix: 6 }, 'x.xml'],
  ['/', 'a/b', true, {}, 'a/b'],
  ['/', 'a/b', false, {}, 'a/b'],
] as const)('%s %s %s %o', (source, below, isContent, kept, name) => {
  expect(keptName({ source, below, isContent }, { ...none, ...kept })).toBe(name);
});

test('nothing may be left out to the end', () => {
  expect(() => keptName({ source: file, below: undefined, isContent: false }, { ...none, rmprefix: 7 })).toThrow(
    'leaves nothing',
  );
});

test.each(['../x', 'a/../../x', '..', '/etc/passwd', 'a//b', './a', 'a/.', 'a\0b', ''])(
  'a server that names %j leads nowhere',
  (below) => {
    expect(() => keptName({ source: directory, below, isContent: true }, none)).toThrow('leads elsewhere');
  },
);

test('whatever is named, a kept name lies below', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'b', '\0');
  const path = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'));
  const number = fc.option(fc.nat(6), { nil: undefined });
  fc.assert(
    fc.property(path, path, fc.boolean(), number, number, (source, below, isContent, parent, rmprefix) => {
      let name: string;
      try {
        name = keptName({ source: `/${source}`, below, isContent }, { parent, rmprefix });
      } catch {
        return;
      }
      expect(name.split('/')).not.toContain('..');
      expect(name.startsWith('/')).toBe(false);
    }),
  );
});
