import { expect, test } from 'vitest';
import { diskSections } from './disk-substitution.ts';

test.each([
  ['/foo/bar/baz', [], 'data', ['/foo/bar/baz/data']],
  ['/foo/bar/baz', ['baz'], 'data', ['/foo/bar/baz/data']],
  ['/foo/bar/baz', ['qux'], 'data', ['/foo/bar/qux/data']],
  ['/foo/bar/baz', ['baz0', 'baz1'], 'a/b', ['/foo/bar/baz0/a/b', '/foo/bar/baz1/a/b']],
  ['/foo/bar/baz', ['/x', '/y/'], 'a/b', ['/x/b', '/y/b']],
  ['/foo/bar/baz', ['baz0', '/abs/x'], 'data', ['/foo/bar/baz0/data', '/abs/x/data']],
  ['/foo/bar/baz', ['/foo/bar/b', 'b', 'b'], 'data', ['/foo/bar/b/data']],
  ['/raid/x/raid', ['raid0', 'raid1'], 'raid_data', ['/raid/x/raid0/raid_data', '/raid/x/raid1/raid_data']],
  ['/foo/bar/baz//', ['q'], 'data', ['/foo/bar/q/data']],
  ['/', [], 'data', ['/data']],
  ['/top', ['other'], 'data', ['/other/data']],
])('%s on %j, section %s', (root, disks, section, expected) => {
  const found = diskSections(root, disks, section);
  expect(found.map(({ sectionRoot }) => sectionRoot)).toEqual(expected);
  for (const { disk, sectionRoot } of found) expect(sectionRoot.startsWith(disk)).toBe(true);
});
