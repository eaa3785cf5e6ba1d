import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type JsonEvent, type Place, place, plant, stowage, stowageJson } from '../stowage.ts';

const rules = {
  __exclude__: ['d1/README'],
  d1: {
    'd1/batch/.*$': 'd1/batch.tar',
    'd1/([^/]+\\.txt)$': 'd1/\\1',
    'd1/batch/t[^/]+$': 'EXCLUDE',
    'd1/open': 'd1/open.tar',
  },
};

async function explained(at: Place, ...paths: string[]) {
  const { events, status } = await stowageJson('explain', at.config, 'data', ...paths);
  return { status, events: events.filter((one) => one.event === 'explained') };
}

test.each([
  ['d1/batch/x', 0, { fate: 'archived', archive: 'data/d1/batch.tar', directory: 'd1', described: true }],
  ['./d1/batch/x', 0, { path: 'd1/batch/x' }],
  ['d1/openly', 0, { archive: 'data/d1/open.tarly' }],
  ['d1/README', 0, { fate: 'excluded', excluded: true }],
  ['d1/batch/temp', 1, { fate: 'ambiguous' }],
  ['d1/x', 1, { fate: 'unmapped', described: true }],
  ['d2/x', 1, { fate: 'unmapped', described: false, rules: [] }],
])('%s: exit %d', async (path, status, expected) => {
  const at = await place(rules);
  const got = await explained(at, path);
  expect(got.status).toBe(status);
  expect(got.events).toEqual([expect.objectContaining(expected)]);
});

test('a path is told with every rule, what is on disk and what is recorded', async () => {
  const at = await place(rules);
  plant(at.data, { 'd1/batch/x': 'four' });
  await stowageJson('archive', at.config, 'data');
  const { status, out } = await stowage('explain', at.config, 'data', join(at.data, 'd1/batch/x'), 'd1/a.text');
  expect(status).toBe(1);
  expect(out.replaceAll(at.data, 'DATA').replace(/since \S+/, 'since T')).toBe(`d1/batch/x: goes into data/d1/batch.tar
  the rules of "d1", in the order of the file:
    matches   d1/batch/.*$  →  d1/batch.tar  (line 1)
              'd1/batch/x' becomes 'd1/batch.tar'
    does not  d1/([^/]+\\.txt)$  →  d1/\\1  (line 1)
              d1/ matches 'd1/', but what is left, 'batch/x', does not fit ([^/]+\\.txt)$
    does not  d1/batch/t[^/]+$  →  EXCLUDE  (line 1)
              d1/batch/ matches 'd1/batch/', but what is left, 'x', does not fit t[^/]+$
    does not  d1/open  →  d1/open.tar  (line 1)
              d1/ matches 'd1/', but what is left, 'batch/x', does not fit open
  on disk: a file, 4 B, 'DATA/d1/batch/x'
  recorded: data/d1/batch.tar holds it since T (file, 4 B)
d1/a.text: unmapped: no rule of the entry "d1" matches
  the rules of "d1", in the order of the file:
    does not  d1/batch/.*$  →  d1/batch.tar  (line 1)
              d1/ matches 'd1/', but what is left, 'a.text', does not fit batch/.*$
    does not  d1/([^/]+\\.txt)$  →  d1/\\1  (line 1)
              d1/ matches 'd1/', but what is left, 'a.text', does not fit ([^/]+\\.txt)$
    does not  d1/batch/t[^/]+$  →  EXCLUDE  (line 1)
              d1/ matches 'd1/', but what is left, 'a.text', does not fit batch/t[^/]+$
    does not  d1/open  →  d1/open.tar  (line 1)
              d1/ matches 'd1/', but what is left, 'a.text', does not fit open
  on disk: not there; looked in 'DATA'
  recorded: in no archive
`);
});

test('what would be refused is refused, and a directory is none of the rules', async () => {
  const at = await place(rules);
  plant(at.data, { 'd1/batch/': '' });
  execFileSync('mkfifo', [join(at.data, 'd1/batch/pipe')]);
  symlinkSync('x', join(at.data, 'd1/l.txt'));
  symlinkSync('x', join(at.data, 'd1/batch/l'));
  const { events } = await explained(at, 'd1/batch/pipe', 'd1/l.txt', 'd1/batch/l', 'd1/batch/');
  const disk = (one: JsonEvent) => one.disk as { type: string; target?: string; refusal?: { kind: string } };
  expect(events.map((one) => [disk(one).type, disk(one).target, disk(one).refusal?.kind])).toEqual([
    ['fifo', undefined, 'special'],
    ['link', 'x', 'link-as-plain'],
    ['link', 'x', undefined],
    ['directory', undefined, undefined],
  ]);
  expect((await explained(at, 'd1/batch/pipe')).status).toBe(1);
  expect((await explained(at, 'd1/batch/')).status).toBe(0);
});

test('a file is found on the disk where it is, not behind the link that leads there', async () => {
  const at = await place(rules, { physical_disks: ['tree', 'disk1'] });
  const disk1 = join(at.folder, 'disk1/data');
  plant(disk1, { 'd1/batch/x': 'a', 'd1/both.txt': 'b' });
  plant(at.data, { 'd1/both.txt': 'c' });
  symlinkSync(join(disk1, 'd1/batch'), join(at.data, 'd1/batch'));
  const { events } = await explained(at, 'd1/batch/x', 'd1/both.txt', 'd1/batch');
  expect(events.map((one) => one.disk)).toMatchObject([
    { kind: 'there', places: [join(disk1, 'd1/batch/x')] },
    {
      kind: 'there',
      places: [join(at.data, 'd1/both.txt'), join(disk1, 'd1/both.txt')],
      refusal: { kind: 'several-disks' },
    },
    { kind: 'there', type: 'directory', places: [join(disk1, 'd1/batch')] },
  ]);
});

test('it works where nothing is mounted and the store is of another kind', async () => {
  const at = await place(rules);
  const settings = { root: '/nowhere/at/all', store: 'tape:/alice/x' };
  writeFileSync(at.config, JSON.stringify({ __config__: settings, data: rules }));
  const { status, events } = await explained(at, 'd1/batch/x');
  expect(status).toBe(0);
  expect(events[0]).toMatchObject({ fate: 'archived', disk: { kind: 'absent' }, recorded: [] });
  expect(events[0]!.recordProblem).toContain("no store of the kind 'tape:' yet");
});

test.each([
  [['nothing', 'd1/x'], 3, "has no section 'nothing'"],
  [['data', '/elsewhere/x'], 2, 'does not lie in the section'],
])('%j is exit %d', async (args, status, message) => {
  const at = await place(rules);
  const ran = await stowage('explain', at.config, ...args);
  expect([ran.status, ran.err]).toEqual([status, expect.stringContaining(message)]);
});

test('a configuration with errors is not explained from, but its errors are', async () => {
  const at = await place({ d1: { 'd1/(': 'x' } });
  const ran = await stowage('explain', at.config, 'data', 'd1/x');
  expect([ran.status, ran.err]).toEqual([3, expect.stringContaining('unterminated subpattern')]);
});

test('an error in another section is told even if one section is asked for, a warning is not', async () => {
  const at = await place(rules, {}, { other: { d: { 'd/[': 'x', 'd/a': 'y' } } });
  const { status, events } = await stowageJson('check', at.config, 'data');
  expect(status).toBe(3);
  const problems = events
    .filter((one) => one.event === 'problem')
    .map((one) => [one.severity, (one.keys as string[])[0]]);
  expect(problems[0]).toEqual(['error', 'other']);
  expect(problems.slice(1)).not.toContainEqual(['warning', 'other']);
});

test('a path that begins with the name of the section is told to be relative to it', async () => {
  const at = await place(rules);
  const { out } = await stowage('explain', at.config, 'data', 'data/d1/batch/x');
  expect(out).toContain('has no rules for "data"; paths are relative to the section: leave out its name');
});

test('check warns of what is not on disk, and of nothing else there', async () => {
  const at = await place(rules, { physical_disks: ['tree', 'disk1'] }, { dataa: { __exclude__: [] } });
  const warnings = async () =>
    (await stowageJson('check', at.config)).events
      .filter((one) => one.event === 'problem')
      .map((one) => one.message as string);
  const usual = (await warnings()).filter((one) => !one.startsWith('cannot') && !one.startsWith('the section is'));
  expect((await warnings()).filter((one) => !usual.includes(one))).toEqual([
    `cannot look at the disk '${at.folder}/disk1': no such file or directory`,
  ]);
  mkdirSync(join(at.folder, 'disk1'));
  const { status, events } = await stowageJson('check', at.config, 'dataa');
  expect(status).toBe(0);
  expect(events[0]).toMatchObject({
    severity: 'warning',
    keys: ['dataa'],
    message: `the section is not on disk: no directory '${at.root}/dataa', '${at.folder}/disk1/dataa'`,
    suggestion: "did you mean 'data'?",
  });
});
