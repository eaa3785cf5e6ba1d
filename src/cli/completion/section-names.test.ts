import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { sectionNames } from './section-names.ts';

async function namesIn(content: string | Uint8Array): Promise<string> {
  const path = join(await scratchFolder(), 'c.json');
  writeFileSync(path, content);
  return Buffer.from(await sectionNames(path)).toString('latin1');
}

test.each([
  ['sections in their order', '{"__config__": {}, "b": {}, "a/c": 1, "$schema": "x"}', 'b\na/c\n'],
  ['a name that is not UTF-8', Buffer.from('{"\xff": {}}', 'latin1'), '\xff\n'],
  ['a line break in a name', '{"a\\nb": {}, "c": {}}', 'c\n'],
  ['not JSON', '{"a": ', ''],
  ['empty', '', ''],
  ['null', 'null', ''],
  ['a name that objects have', '{"__proto__": {}, "toString": {}}', '__proto__\ntoString\n'],
] as const)('%s', async (_, content, names) => {
  expect(await namesIn(content)).toBe(names);
});

test('what is no file is not waited for', async () => {
  const folder = await scratchFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const path of [join(folder, 'pipe'), folder, join(folder, 'absent'), '/dev/zero']) {
    expect(await sectionNames(path)).toHaveLength(0);
  }
});
