import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../scratch-folder.ts';
import { plant, stowage } from '../stowage.ts';

/** Two configurations in one folder, so with one state folder, and what they say. */
let folder: string;
let one: string;
let two: string;

beforeEach(async () => {
  folder = await scratchFolder();
  plant(folder, { 'tree/data/a.fits': 'a', 'tree/other/b.fits': 'b', 'vault1/': '', 'vault2/': '', 'moved/': '' });
});

function configure(name: string, section: string, store: string): string {
  const path = join(folder, name);
  const rules = { __exclude__: [], __top__: { '[^/]+\\.fits$': 'top.tar' } };
  writeFileSync(path, JSON.stringify({ __config__: { root: join(folder, 'tree'), store }, [section]: rules }));
  return path;
}

/** Every journal, by section and run. */
function journals(): readonly string[] {
  return readdirSync(join(folder, '.stowage/journal'), { recursive: true, encoding: 'utf8' }).sort();
}

describe('two configurations of one folder with sections of their own', () => {
  beforeEach(async () => {
    one = configure('one.json', 'data', 'dir:vault1');
    two = configure('two.json', 'other', 'dir:vault2');
    expect((await stowage('archive', one, 'data')).status).toBe(0);
    expect((await stowage('archive', two, 'other')).status).toBe(0);
  });

  test('rebuild-catalog of the one leaves the record of the other where it is', async () => {
    const before = journals();
    expect(await stowage('rebuild-catalog', one)).toMatchObject({ status: 0 });
    expect(journals()).toEqual(before);
    expect(await stowage('find', two, 'b.fits', '--section', 'other')).toMatchObject({ status: 0 });
    expect((await stowage('missing', two, 'other')).status).toBe(0);
  });

  test('unlock of the one touches no lock of the other', async () => {
    expect((await stowage('unlock', one)).out).toBe('data: was not locked\n');
  });
});

describe('two configurations of one folder with a section of one name', () => {
  beforeEach(async () => {
    one = configure('one.json', 'data', 'dir:vault1');
    two = configure('two.json', 'data', 'dir:vault2');
    expect((await stowage('archive', one, 'data')).status).toBe(0);
  });

  test('whatever the second does ends with 3 and changes nothing', async () => {
    const before = journals();
    for (const command of ['archive', 'missing', 'verify', 'restore', 'du', 'ls'] as const) {
      const rest = command === 'verify' ? [] : command === 'restore' ? ['data', '.'] : ['data'];
      const ran = await stowage(command, two, ...rest);
      expect([command, ran.status]).toEqual([command, 3]);
      expect(ran.err).toContain('vault1');
    }
    expect(journals()).toEqual(before);
    expect(readdirSync(join(folder, 'vault2'))).toEqual([]);
  });

  test.each([
    ['nothing is archived by the second yet', async () => {}],
    [
      'the second archived with a state folder of its own',
      async () => {
        expect((await stowage('archive', two, 'data', '--state', join(folder, 'own'))).status).toBe(0);
      },
    ],
  ])('rebuild-catalog does not take the record of one store for that of another: %s', async (_, prepare) => {
    await prepare();
    const before = journals();
    const refused = await stowage('rebuild-catalog', two);
    expect(refused.status).toBe(3);
    expect(refused.err).toContain("the record of section 'data' was made for the store");
    expect(refused.err).toContain('--state DIR');
    expect(refused.out).toBe('');
    expect(journals()).toEqual(before);
    expect(readdirSync(join(folder, '.stowage'))).not.toContain('replaced');
    expect(await stowage('find', one, 'a.fits')).toMatchObject({ status: 0 });
    expect((await stowage('missing', one, 'data')).status).toBe(0);
  });

  test.each([
    ['whole', () => renameSync(join(folder, 'vault1'), join(folder, 'vault2/in'))],
    [
      'without its copies of the record',
      () => {
        renameSync(join(folder, 'vault1'), join(folder, 'vault2/in'));
        rmSync(join(folder, 'vault2/in/.stowage'), { recursive: true });
      },
    ],
  ])('a store that was moved %s is known again', async (_, move) => {
    move();
    const moved = configure('two.json', 'data', 'dir:vault2/in');
    expect(await stowage('rebuild-catalog', moved)).toMatchObject({ status: 0, err: '' });
    expect((await stowage('missing', moved, 'data')).status).toBe(0);
  });
});
