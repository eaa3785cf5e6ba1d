import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { missing } from '../../src/verbs/missing.ts';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { reconcile } from '../../src/verbs/reconcile/reconcile.ts';
import { restore } from '../../src/verbs/restore/restore.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { builtCli, runProgram } from '../built-cli.ts';
import { archivesIn, catalogOf } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, type SmallProject, section, smallProject } from '../small-project.ts';
import { archived, policy, stored, told } from '../told.ts';

const faults: Record<string, (small: SmallProject) => void> = {
  'the vault is gone': (small) => renameSync(small.vault, `${small.vault}.away`),
  'the vault is a file': (small) => {
    renameSync(small.vault, `${small.vault}.away`);
    writeFileSync(small.vault, '');
  },
  'the vault is a link to itself': (small) => {
    renameSync(small.vault, `${small.vault}.away`);
    symlinkSync('vault', small.vault);
  },
  'the vault is a link that leads nowhere': (small) => {
    renameSync(small.vault, `${small.vault}.away`);
    symlinkSync('not-mounted', small.vault);
  },
  'the section in the vault is a link to itself': (small) => replaced(small, (path) => symlinkSync(section, path)),
  'the section in the vault is a link that leads nowhere': (small) =>
    replaced(small, (path) => symlinkSync('/not/mounted', path)),
  'a folder in the section is a link that leads nowhere': (small) => {
    renameSync(join(small.vault, section, 'calib'), `${small.vault}.away`);
    symlinkSync('/not/mounted', join(small.vault, section, 'calib'));
  },
};

describe.each(Object.entries(faults))('%s', (_, break_) => {
  test('nothing is taken for missing, nothing is made, and every command says that it could not look', async () => {
    const small = smallProject(await scratchFolder());
    expect((await archived(await openSmall(small))).status).toBe(0);
    const known = await catalogOf(await openSmall(small));
    break_(small);
    const commands = {
      missing: async () => told(missing(await openSmall(small), section, { policy })),
      reconcile: async () => told(reconcile(await openSmall(small), section, { brake: 1 })),
      archive: async () => archived(await openSmall(small)),
      verify: async () => told(verify(await openSmall(small), { level: 'size' })),
      'verify read': async () => told(verify(await openSmall(small), { level: 'read' })),
      rebuild: async () => told(rebuildCatalog(await openSmall(small))),
      restore: async () =>
        told(restore(await openSmall(small), section, { paths: ['calib'], to: join(small.folder, 'to') })),
    };
    for (const [name, command] of Object.entries(commands)) {
      const run = await command();
      expect(run.status, name).toBe(4);
      const kinds = run.events.map((one) => one.kind);
      expect(kinds, name).not.toContain('due');
      expect(kinds, name).not.toContain('stored');
      const missingOnes = run.events.filter((one) => one.kind === 'verdict' && one.verdict.outcome !== 'intact');
      expect(missingOnes, name).toEqual([]);
      expect(String(run.error), name).toContain('vault');
      expect(run.error, name).toHaveProperty('name', 'StowageError');
    }
    expect(await catalogOf(await openSmall(small))).toEqual(known);
  });
});

test('a file where the section should be: nothing is made, and the archives are told to be gone', async () => {
  const small = smallProject(await scratchFolder());
  expect((await archived(await openSmall(small))).status).toBe(0);
  replaced(small, (path) => writeFileSync(path, ''));
  expect((await told(missing(await openSmall(small), section, { policy }))).status).toBe(4);
  expect(await archived(await openSmall(small))).toMatchObject({ status: 4, events: [] });
  expect((await told(verify(await openSmall(small), { level: 'size' }))).status).toBe(1);
});

describe('a store that this user may not read', () => {
  let main: string;
  beforeAll(() => {
    main = builtCli();
  });

  test.each([
    ['the vault', ''],
    ['the section', section],
    ['a folder in the section', `${section}/calib`],
  ])('%s: exit 4, and nothing is taken for missing', async (_, path) => {
    const small = smallProject(await scratchFolder());
    expect((await archived(await openSmall(small))).status).toBe(0);
    const before = archivesIn(small);
    for (const folder of [small.folder, small.state, small.vault]) chmodSync(folder, 0o755);
    chmodSync(join(small.vault, path), 0o000);
    const ordinary = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const stowage = (...args: string[]) => {
      const [program, ...rest] = [...ordinary, process.execPath, main, ...args];
      return runProgram(program!, rest);
    };
    const look = await stowage('missing', small.config, section);
    expect(look).toMatchObject({ status: 4, err: expect.stringContaining('permission denied') });
    expect(look.out).not.toContain('data/raw_1.tar');
    const check = await stowage('verify', small.config, '--state', small.state);
    expect(check.status).toBe(4);
    chmodSync(join(small.vault, path), 0o755);
    expect(archivesIn(small)).toEqual(before);
    expect(stored(await archived(await openSmall(small)))).toEqual([]);
  });
});

function replaced(small: SmallProject, put: (path: string) => void): void {
  const path = join(small.vault, section);
  mkdirSync(`${small.vault}.away`);
  renameSync(path, join(`${small.vault}.away`, section));
  rmSync(path, { force: true });
  put(path);
}
