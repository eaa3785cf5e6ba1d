import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import { testSystem } from '../test-system.ts';

/** Names that a line of a listing can carry. */
const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .filter((bytes) => !bytes.some((byte) => byte === 0 || byte === 10 || byte === 0x2f))
  .map((bytes) => nameFromBytes(Buffer.from(bytes)))
  .filter((name) => name !== '.' && name !== '..');

const members = fc.dictionary(anyName, fc.uint8Array({ maxLength: 2000 }), {
  minKeys: 1,
  maxKeys: 6,
  noNullPrototype: true,
});

test('what -c was given, -t lists and -x brings back, whatever the names and bytes', async () => {
  const { htar, work } = await testSystem();
  await fc.assert(
    fc.asyncProperty(members, async (files) => {
      const folder = join(work, 'd');
      mkdirSync(folder);
      for (const [name, bytes] of Object.entries(files)) writeFileSync(fsPath(`${folder}/${name}`), bytes);
      const list = Object.keys(files).map((name) => `d/${name}`);
      const created = await htar('-cf', 'a.tar', '-H', 'crc:verify=all', 'd');
      expect(created).toMatchObject({ status: 0, err: '' });
      const listed = (await htar('-tf', 'a.tar')).out;
      for (const name of list) expect(listed).toContain(`  ${name}\n`);
      expect(listed.match(/^HTAR: [-dl]/gm)).toHaveLength(list.length + 2);
      rmSync(folder, { recursive: true });
      expect(await htar('-xf', 'a.tar')).toMatchObject({ status: 0, err: '' });
      for (const [name, bytes] of Object.entries(files)) {
        expect(readFileSync(fsPath(`${folder}/${name}`)).equals(bytes)).toBe(true);
      }
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 40 },
  );
});
