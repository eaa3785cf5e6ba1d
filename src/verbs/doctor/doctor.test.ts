import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow } from '../../../test/project-facts.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { smallProject } from '../../../test/small-project.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { thisHolder } from '../../durable/holder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { isUtf8Name } from '../../model/byte-name.ts';
import { openConfiguration } from '../../open.ts';
import type { StoreExamination } from '../../store/examination.ts';
import { memoryStore } from '../../store/memory-store.ts';
import type { Store } from '../../store/store.ts';
import { directoryStore } from '../../stores/directory.ts';
import type { Event } from '../events.ts';
import { checks } from './checks.ts';
import { type DoctorOptions, doctor } from './doctor.ts';
import { type Machine, thisMachine } from './machine.ts';

type Examined = Event & { kind: 'examined' };
type Parts = NonNullable<DoctorOptions['parts']>;

async function examine(options: DoctorOptions) {
  const events: Event[] = [];
  for await (const event of doctor(options)) events.push(event);
  const examined = events.filter((event): event is Examined => event.kind === 'examined');
  const of = (check: string) =>
    examined.filter((one) => one.check === check).map(({ outcome, found }) => `${outcome}: ${found}`);
  return { events, examined, of, sick: examined.filter((one) => one.outcome !== 'ok') };
}

async function examineSmall(parts: Parts = {}, change: (folder: string) => void = () => {}) {
  const small = smallProject(await scratchFolder());
  change(small.folder);
  const files = parts.files === undefined ? {} : { files: parts.files };
  const result = await examine({ parts, open: () => openConfiguration(small.config, files) });
  expect(leftIn(small.folder)).toEqual([]);
  return { ...result, small };
}

/** What an examination made and did not remove. */
function leftIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /doctor-|vault\/./.test(name));
}

test('a sound machine and project: every check is ok, and nothing is left', async () => {
  const { events, examined, sick } = await examineSmall();
  expect(sick).toEqual([]);
  expect([...new Set(examined.map((one) => one.check))]).toEqual([...checks.map((one) => one.name), 'store-folders']);
  expect(events.at(-1)).toEqual({ kind: 'diagnosed', ok: examined.length, warnings: 0, problems: 0, unseen: 0 });
});

test('without a configuration only the machine is examined', async () => {
  const { examined } = await examine({});
  expect([...new Set(examined.map((one) => one.check))]).toEqual(['node', 'memory', 'limits', 'space', 'writable']);
});

const gibibyte = 2 ** 30;
const memory = (total: number, free: number, limit?: number) => ({ memory: () => ({ total, free, limit }) });
const limits = (open_files: number | string, file_size_blocks: number | string = 'unlimited') => ({
  limits: () => ({
    open_files: { soft: open_files, hard: open_files },
    file_size_blocks: { soft: file_size_blocks, hard: 'unlimited' },
  }),
});
test.each([
  ['an old Node', { node: '20.18.3' }, 'node', /^problem: Node 20\.18\.3 .* too old$/],
  ['a very old Node', { node: '8.0.0' }, 'node', /^problem/],
  ['an odd Node', { node: '23.1.0' }, 'node', /^warning: .* odd versions/],
  ['a new Node', { node: '24.0.0' }, 'node', /^ok/],
  ['little memory', memory(400 * 2 ** 20, 300 * 2 ** 20), 'memory', /^warning: 400 MiB of memory, 300 MiB free/],
  ['a small container', memory(64 * gibibyte, 64 * gibibyte, 2 ** 27), 'memory', /^problem: 128 MiB .* limit of/],
  ['memory that others have', memory(64 * gibibyte, 2 ** 26), 'memory', /^warning: .* 64 MiB free/],
  ['few files', limits(256), 'limits', /^warning: only 256 files/],
  ['hardly any file', limits(64), 'limits', /^problem: only 64 files/],
  ['files without a limit', limits('unlimited'), 'limits', /^ok: any number of files|^ok: unlimited files/],
  ['small files', limits(4096, 1000), 'limits', /^ok.*\n^warning: no file may be larger than 1,000 blocks/m],
] as const)('%s', async (_, part, check, expected) => {
  const machine: Machine = { ...thisMachine, ...part };
  const { of } = await examine({ parts: { machine } });
  expect(of(check).join('\n')).toMatch(expected);
});

test('a temporary folder that is not there is a problem, and is not made', async () => {
  const temporaryFolder = join(await scratchFolder(), 'absent', 'tmp');
  const { of } = await examine({ parts: { machine: { ...thisMachine, temporaryFolder } } });
  expect(of('writable')).toEqual([
    expect.stringMatching(/^problem: cannot write to the temporary folder .*: it does not exist$/),
  ]);
});

const refuse = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

test('a file system without hard links is told of, and does all that a store must do', async () => {
  const { sick } = await examineSmall({ files: { ...realFiles, link: refuse('EPERM') } });
  expect(sick.map(({ outcome, check }) => `${outcome} ${check}`)).toEqual(['warning hard-links', 'warning hard-links']);
  expect(sick[0]!.found).toContain('names are reserved');
});

test('a file system that cannot make names durable is told of', async () => {
  const { sick } = await examineSmall({ syncsFolder: async () => false });
  expect(sick.map(({ outcome, check }) => `${outcome} ${check}`)).toEqual(['warning fsync', 'warning fsync']);
});

test('a disk that fails to make anything durable', async () => {
  const { of } = await examineSmall({ syncsFolder: refuse('EIO') });
  expect(of('fsync')).toEqual([
    expect.stringMatching(/^unseen: cannot make a file durable in .*: input\/output error$/),
  ]);
});

/** The real files with other names: what a file system of another kind makes of them. */
function renaming(change: (name: string) => string): FileOperations {
  return {
    ...realFiles,
    open: (path, flags, mode) => {
      const at = path.lastIndexOf('/') + 1;
      const ours = path.includes('/names/');
      return realFiles.open(ours ? path.slice(0, at) + change(path.slice(at)) : path, flags, mode);
    },
  };
}
test.each([
  ['cases merged', (name: string) => name.toLowerCase(), /changes names: 'UPPER'\n.*same: 'upper'/],
  ['letters composed', (name: string) => name.normalize('NFC'), /changes names: 'e\u0301'\n.*same: 'é'/],
  ['dots cut off', (name: string) => name.replace(/\.$/, ''), /changes names: 'dot\.'/],
] as const)('names changed by a file system: %s', async (_, change, expected) => {
  const { of } = await examineSmall({ files: renaming(change) });
  expect(of('names').join('\n')).toMatch(expected);
});

test('a file system that refuses names', async () => {
  const open: FileOperations['open'] = (path, ...rest) =>
    isUtf8Name(path) && !path.includes(':') ? realFiles.open(path, ...rest) : refuse('EILSEQ')();
  const { of } = await examineSmall({ files: { ...realFiles, open } });
  expect(of('names').join()).toMatch(/warning: the store .* refuses names: 'a:b', '\\xff\\x80'/);
});

test('a clock that is an hour ahead, one that went back behind the last run, and one that was never set', async () => {
  const at = (now: number) => ({ clock: { now: () => new Date(now) } });
  const ahead = await examineSmall(at(Date.now() + 3_600_000));
  expect(
    ahead.examined.filter((one) => one.check === 'clock').map((one) => ('advice' in one ? one.advice : '')),
  ).toEqual([expect.stringContaining('NTP'), expect.stringContaining('"zone"')]);
  expect(ahead.of('clock')).toEqual([
    expect.stringMatching(/^warning: the clock of the state folder .* is 3[56]\d\d\.\d s behind ours$/),
    expect.stringMatching(/^warning: the clock of the store .* is 3[56]\d\d\.\d s behind ours$/),
  ]);
  const back = await examineSmall({}, (folder) => {
    mkdirSync(join(folder, '.stowage/journal/data'), { recursive: true });
    writeFileSync(join(folder, '.stowage/journal/data/20990101T000000.000Z-00000000.jsonl'), '');
  });
  expect(back.of('clock')[0]).toMatch(/^warning: it is .* here, and the last run was 2099-01-01T00:00:00.000Z$/);
  const unset = await examineSmall(at(0));
  expect(unset.of('clock')[0]).toBe('problem: it is 1970-01-01T00:00:00.000Z here');
});

test('a root that is not there is a problem, a section that is not there a warning', async () => {
  const moved = await examineSmall({}, (folder) => {
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({ __config__: { root: join(folder, 'gone'), store: 'dir:vault' }, data: { __exclude__: [] } }),
    );
  });
  expect(moved.of('root')).toEqual([expect.stringMatching(/^problem: cannot read the root .*gone': no such file/)]);
  const lost = await examineSmall({}, (folder) => {
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({ __config__: { root: join(folder, 'root'), store: 'dir:vault' }, other: { __exclude__: [] } }),
    );
  });
  expect(lost.of('root')).toEqual(["warning: the section 'other' is on no disk"]);
});

test('a store that is not there is a problem once, and all else is examined', async () => {
  const { sick, examined } = await examineSmall({}, (folder) => {
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({ __config__: { root: join(folder, 'root'), store: 'dir:absent' }, data: { __exclude__: [] } }),
    );
  });
  expect(sick.map(({ outcome, check, advice }) => [outcome, check, advice])).toEqual([
    ['problem', 'writable', expect.stringContaining('mkdir -p')],
  ]);
  expect(examined.map((one) => one.check)).toContain('fsync');
});

test('a configuration that cannot be used is told, and the machine is examined', async () => {
  const config = join(await scratchFolder(), 'config.json');
  writeFileSync(config, '{');
  const { events, examined } = await examine({ open: () => openConfiguration(config) });
  expect(events[0]).toMatchObject({ kind: 'failed', error: { code: 'configuration' } });
  expect(examined.map((one) => one.check)).toContain('node');
});

test('what killed examinations left is removed; what others do, or nobody knows of, stays', async () => {
  const small = smallProject(await scratchFolder());
  const { host, bootId = '', pidNamespace = '' } = thisHolder();
  const name = (boot: string, where = host) =>
    `.stowage-doctor-${[where, boot, pidNamespace, '1', '', '0'.repeat(16)].map((one) => encodeURIComponent(one)).join('_')}`;
  const dead = name(`${bootId.slice(0, -1)}x`);
  const kept = [
    '.stowage-doctor-1',
    '.stowage-doctor-_____',
    '.stowage-doctor-%_____',
    name(bootId),
    name(bootId, `${host}-2`),
  ].sort();
  for (const folder of [dead, ...kept]) {
    mkdirSync(join(small.folder, folder, 'deep'), { recursive: true });
    symlinkSync(small.tree, join(small.folder, folder, 'deep/link'));
  }
  const before = filesBelow(small.tree);
  await examine({ open: () => openConfiguration(small.config) });
  expect(readdirSync(small.folder).filter((one) => one.includes('doctor'))).toEqual(kept);
  expect(filesBelow(small.tree)).toEqual(before);
});

test.each(checks.map((check) => [check.name] as const))('aborted at %s, nothing is left', async (name) => {
  const small = smallProject(await scratchFolder());
  const abort = new AbortController();
  const run = async () => {
    for await (const event of doctor({ signal: abort.signal, open: () => openConfiguration(small.config) })) {
      if (event.kind === 'examined' && event.check === name) abort.abort();
    }
  };
  await expect(run()).rejects.toThrow('aborted');
  expect(leftIn(small.folder)).toEqual([]);
});

/** A store that lies in no folder, with a check of its own. */
function elsewhere(
  store: () => Store,
  checks: StoreExamination['checks'] = [],
  remove = async () => {},
): NonNullable<DoctorOptions['open']> {
  return async () => {
    const opened = await openConfiguration(smallProject(await scratchFolder()).config);
    const one = store();
    const scratch = async () => ({ folder: undefined, open: async () => one, remove: remove });
    return { ...opened, examination: { folder: undefined, scratch, checks } };
  };
}

test('a store in no folder is examined through its own scratch store, and adds its own checks', async () => {
  const own = [{ name: 'tape', examine: async () => [{ outcome: 'warning', found: 'one drive' } as const] }];
  const removed: string[] = [];
  const remove = async () => {
    removed.push('scratch');
  };
  const { of, examined } = await examine({ open: elsewhere(() => memoryStore(), own, remove) });
  expect(removed).toEqual(['scratch']);
  expect(of('contract')).toEqual([expect.stringContaining('does all')]);
  expect(of('writable')).toHaveLength(3);
  expect(examined.at(-1)).toMatchObject({ check: 'tape', outcome: 'warning', found: 'one drive' });
});

test('while the contract is tried, the real store shows nothing of it', async () => {
  const small = smallProject(await scratchFolder());
  mkdirSync(join(small.vault, 'data'));
  writeFileSync(join(small.vault, 'data/raw_1.tar'), 'real');
  const real = directoryStore(small.vault);
  const seen: string[] = [];
  const files: FileOperations = {
    ...realFiles,
    async syncFolder(path) {
      for await (const { key } of real.list('')) seen.push(key);
      for await (const { key } of real.debris()) seen.push(`debris ${key}`);
      await realFiles.syncFolder(path);
    },
  };
  const { sick } = await examine({ parts: { files }, open: () => openConfiguration(small.config, { files }) });
  expect(sick).toEqual([]);
  expect(seen.length).toBeGreaterThan(30);
  expect(new Set(seen)).toEqual(new Set(['data/raw_1.tar']));
  expect(readdirSync(small.vault, { recursive: true })).toEqual(['data', 'data/raw_1.tar']);
});

test('a store that breaks its contract is a problem, with what it does', async () => {
  const broken = (): Store => ({ ...memoryStore(), discard: async () => undefined });
  const { of, sick } = await examine({ open: elsewhere(broken) });
  expect(of('contract').join('\n')).toMatch(/^problem: .* not so: 'what was discarded is gone/);
  expect(new Set(sick.filter((one) => one.check === 'contract').map((one) => one.outcome))).toEqual(
    new Set(['problem']),
  );
});

test('a store that cannot be reached could not be looked at', async () => {
  const unreachable = (): Store => ({ ...memoryStore(), write: refuse('EIO') as never });
  const { of } = await examine({ open: elsewhere(unreachable) });
  expect(of('clock').at(-1)).toBe('unseen: input/output error');
});

test('a read-only store is a problem where it is written to', async () => {
  const { of } = await examineSmall({
    files: {
      ...realFiles,
      mkdir: async (path, mode) => (path.includes('/vault/') ? refuse('EROFS')() : realFiles.mkdir(path, mode)),
    },
  });
  expect(of('writable')[1]).toMatch(/^problem: cannot write to the store .*: read-only file system$/);
});
