import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missing } from '../../src/verbs/missing.ts';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { restore } from '../../src/verbs/restore/restore.ts';
import { find } from '../../src/verbs/search/find.ts';
import { status } from '../../src/verbs/status.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { killedFiles } from '../failing-files.ts';
import { archivesIn, catalogOf } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, quickFiles, type SmallProject, section, smallKeys, smallProject } from '../small-project.ts';
import { archived, policy, stored, told } from '../told.ts';

describe('an archive', () => {
  test('with any bit flipped is found damaged by reading it, and is no longer once it is as it was', async () => {
    const small = await archivedProject();
    for (const key of smallKeys) {
      const path = join(small.vault, key);
      const good = readFileSync(path);
      // Every byte of the smallest; of the others every header byte that is not a zero, and a sample.
      const step = good.length < 100 ? 1 : 97;
      for (let at = 0; at < good.length; at += step) {
        writeFileSync(path, flipped(good, at, at % 8));
        const read = await told(verify(await openSmall(small), { level: 'read', section, archives: [key] }));
        expect({ at, status: read.status, events: read.events }).toMatchObject({
          at,
          status: 1,
          events: [
            { kind: 'verdict', verdict: { archive: key, outcome: 'damaged' } },
            { kind: 'verified', damaged: 1 },
          ],
        });
        rmSync(join(small.state, 'journal', section, readdirSync(join(small.state, 'journal', section)).sort()[1]!));
      }
      writeFileSync(path, good);
      expect(await told(verify(await openSmall(small), { level: 'read' }))).toMatchObject({ status: 0 });
      rmSync(join(small.state, 'journal', section, readdirSync(join(small.state, 'journal', section)).sort()[1]!));
    }
  });

  test('with a bit flipped in a member: that one is not restored, the others are', async () => {
    const small = await archivedProject();
    const path = join(small.vault, 'data/raw_2.tar');
    const good = readFileSync(path);
    writeFileSync(path, flipped(good, good.length - 5000, 3));
    const to = join(small.folder, 'target');
    const run = await told(restore(await openSmall(small), section, { paths: ['raw'], to }));
    expect(run.status).toBe(1);
    const outcomes = run.events.flatMap((one) =>
      one.kind === 'restored' ? [[one.restored.path, one.restored.outcome] as const] : [],
    );
    expect(Object.fromEntries(outcomes)).toMatchObject({ 'raw/2/a.fits': 'failed', 'raw/2/empty': 'restored' });
    expect(outcomes.filter(([, outcome]) => outcome !== 'restored').length).toBe(1);
    expect(readdirSync(join(to, 'raw/2'))).toEqual(['empty']);
  });
});

describe.each([
  ['of a run that ended', undefined],
  ['of a run that was killed when all was recorded', 'killed'],
])('a journal %s', (_, killed) => {
  test('with any bit flipped is as before, or a fault that names the line', async () => {
    const { small, path, good, expected } = await journalOf(killed !== undefined);
    const lines = lineOfByte(good);
    const last = lines.at(-1)!;
    const project = await openSmall(small);
    // Every byte of the one, and a sample of the other, which only ends earlier.
    for (let at = 0; at < good.length; at += killed === undefined ? 1 : 7) {
      writeFileSync(path, flipped(good, at, (at * 5) % 8));
      const known = await catalogOf(project).catch((error: unknown) => error);
      if (known instanceof Error) {
        expect(known, `byte ${at}`).toMatchObject({
          code: 'corrupt',
          hint: expect.stringContaining('rebuild-catalog'),
        });
        const { facts, message } = known as unknown as { facts: { line: number }; message: string };
        expect(message).toContain(path);
        // A line end that is gone makes one bad line of two.
        expect([lines[at]!, lines[at]! + 1], `byte ${at}`).toContain(facts.line);
        expect(message).toContain(`line ${facts.line} `);
      } else if (lines[at] !== last && !(good[at] === 10 && lines[at] === last - 1)) {
        expect(known, `byte ${at}`).toEqual(expected);
      }
    }
  });

  test('with a bad line: every command says so, names file and line, and how to go on; none goes by half a record', async () => {
    const { small, path, good } = await journalOf(killed !== undefined);
    writeFileSync(path, flipped(good, good.indexOf(10) + 20, 1));
    const commands = {
      archive: archived(await openSmall(small)),
      missing: told(missing(await openSmall(small), section, { policy })),
      verify: told(verify(await openSmall(small), { level: 'size' })),
      find: told(find(await openSmall(small), { pattern: 'fits' })),
      status: told(status(await openSmall(small))),
      restore: told(restore(await openSmall(small), section, { paths: ['raw'], to: join(small.folder, 'target') })),
    };
    for (const [name, running] of Object.entries(commands)) {
      const run = await running;
      expect(run.status, name).toBe(4);
      expect(run.events, name).toEqual([]);
      expect(run.error, name).toMatchObject({ code: 'corrupt', hint: expect.stringContaining('rebuild-catalog') });
      expect(String(run.error), name).toContain(`line 2 of the journal '${path}'`);
    }
  });

  test('torn or cut anywhere: the next run makes nothing anew, and rebuild-catalog brings all of it back', async () => {
    const { small, path, good, expected } = await journalOf(killed !== undefined);
    const archives = archivesIn(small);
    const pristine = `${small.folder}.pristine`;
    cpSync(small.state, pristine, { recursive: true });
    for (const cut of cutsOf(good)) {
      rmSync(small.state, { recursive: true });
      cpSync(pristine, small.state, { recursive: true });
      const copies = readdirSync(join(small.vault, '.stowage')).filter((name) => name.endsWith('.jsonl'));
      truncateSync(path, cut);
      const when = `cut at byte ${cut} of ${good.length}`;
      const run = await archived(await openSmall(small));
      expect({ status: run.status, error: run.error, stored: stored(run) }, when).toEqual({
        status: 0,
        error: undefined,
        stored: [],
      });
      expect(archivesIn(small), when).toEqual(archives);
      const now = await catalogOf(await openSmall(small));
      expect(Object.keys(now.archives), when).toEqual(smallKeys);
      const rebuilt = await told(rebuildCatalog(await openSmall(small)));
      expect(rebuilt, when).toMatchObject({ status: 0, error: undefined });
      // The store has the whole journal of the run that ended; of the killed one nobody has more than what was left.
      if (killed === undefined) expect(await catalogOf(await openSmall(small)), when).toEqual(expected);
      expect(stored(await archived(await openSmall(small))), when).toEqual([]);
      for (const name of readdirSync(join(small.vault, '.stowage')))
        if (name.endsWith('.jsonl') && !copies.includes(name)) rmSync(join(small.vault, '.stowage', name));
    }
    rmSync(pristine, { recursive: true });
  });

  test('with its last line damaged is healed by the next run, which makes nothing anew', async () => {
    const { small, path, good, expected } = await journalOf(killed !== undefined);
    const begin = good.lastIndexOf(10, good.length - 2) + 1;
    for (const at of [begin, begin + 10, good.length - 3, good.length - 1]) {
      writeFileSync(path, flipped(good, at, 0));
      const run = await archived(await openSmall(small));
      expect({ status: run.status, error: run.error, stored: stored(run) }).toEqual({
        status: 0,
        error: undefined,
        stored: [],
      });
      expect(run.events.filter((one) => one.kind === 'healed').length).toBe(killed === undefined ? 0 : 1);
      expect(await catalogOf(await openSmall(small))).toEqual(expected);
      for (const name of readdirSync(join(small.state, 'journal', section)))
        if (!path.endsWith(name)) rmSync(join(small.state, 'journal', section, name));
      for (const name of killed === undefined ? [] : readdirSync(join(small.vault, '.stowage')))
        if (name.endsWith('.jsonl')) rmSync(join(small.vault, '.stowage', name));
    }
  });
});

describe("the store's copy of a journal", () => {
  test('with a bit flipped in any line, or cut: rebuild-catalog says so where it can, and learns from the archives', async () => {
    const small = await archivedProject();
    const archives = archivesIn(small);
    const name = readdirSync(join(small.vault, '.stowage')).find((one) => one.endsWith('.jsonl'))!;
    const path = join(small.vault, '.stowage', name);
    const good = readFileSync(path);
    const lines = lineOfByte(good);
    const ends = [...good.keys()].filter((at) => good[at] === 10);
    const damages = [
      ...ends.flatMap((end) => [end - 30, end]).map((at) => ({ at, bytes: flipped(good, at, 2), isCut: false })),
      ...cutsOf(good).map((at) => ({ at, bytes: good.subarray(0, at), isCut: true })),
    ];
    for (const { at, bytes, isCut } of damages) {
      const when = `${isCut ? 'cut' : 'flipped'} at byte ${at}, line ${lines[at]}`;
      rmSync(small.state, { recursive: true });
      writeFileSync(path, bytes);
      const run = await told(rebuildCatalog(await openSmall(small)));
      expect(run.error, when).toBeUndefined();
      const failed = run.events.flatMap((one) => (one.kind === 'failed' ? [one] : []));
      const isTorn = isCut || lines[at]! >= lines.at(-1)! - (good[at] === 10 ? 1 : 0);
      expect({ status: run.status, failed: failed.map((one) => one.what) }, when).toEqual(
        isTorn ? { status: 0, failed: [] } : { status: 4, failed: [`.stowage/${name}`] },
      );
      // A tar explains itself; of a plain object only the rules and the disk say which file it is, so it is told.
      const explained = Object.keys((await catalogOf(await openSmall(small))).archives);
      const unexplained = run.events.flatMap((one) =>
        one.kind === 'finding' && one.finding.kind === 'unexplained' ? [one.finding.archive] : [],
      );
      expect([...explained, ...unexplained].sort(), when).toEqual(smallKeys);
      const next = await archived(await openSmall(small));
      expect({ status: next.status, error: next.error, stored: stored(next) }, when).toEqual({
        status: 0,
        error: undefined,
        stored: [],
      });
      expect(archivesIn(small), when).toEqual(archives);
      expect(Object.keys((await catalogOf(await openSmall(small))).archives), when).toEqual(smallKeys);
      for (const other of readdirSync(join(small.vault, '.stowage')))
        if (other.endsWith('.jsonl') && other !== name) rmSync(join(small.vault, '.stowage', other));
    }
  });
});

test('rebuild-catalog goes on where a damaged journal holds the manifest of an archive that a later run recorded', async () => {
  const small = smallProject(await scratchFolder());
  await archiveAllButTheEnd(small);
  const [name] = readdirSync(join(small.state, 'journal', section));
  const path = join(small.state, 'journal', section, name!);
  truncateSync(path, readFileSync(path).length - 5);
  expect((await archived(await openSmall(small))).events).toContainEqual(expect.objectContaining({ kind: 'healed' }));
  const copy = join(small.vault, '.stowage', name!);
  writeFileSync(copy, flipped(readFileSync(copy), 100, 1));
  rmSync(small.state, { recursive: true });
  const rebuilt = await told(rebuildCatalog(await openSmall(small)));
  expect(rebuilt).toMatchObject({ status: 4, error: undefined });
  const { archives } = await catalogOf(await openSmall(small));
  expect(archives['data/raw_2.tar']?.manifest).toMatchObject({ adopted: false, digestsFrom: 'writing' });
  expect(stored(await archived(await openSmall(small)))).toEqual([]);
});

async function archivedProject(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  expect((await archived(await openSmall(small))).status).toBe(0);
  return small;
}

/** The one journal of a project: of a run that ended, or of one that was killed before it could say so and before the store had a copy. */
async function journalOf(killed: boolean) {
  const small = smallProject(await scratchFolder());
  if (!killed) expect((await archived(await openSmall(small))).status).toBe(0);
  else await archiveAllButTheEnd(small);
  const folder = join(small.state, 'journal', section);
  const names = readdirSync(folder);
  expect(names.length).toBe(1);
  const path = join(folder, names[0]!);
  const good = readFileSync(path);
  expect(good.toString('utf8').trimEnd().split('\n').at(-1)).toContain(killed ? '"kind":"recorded"' : '"kind":"end"');
  return { small, path, good, expected: await catalogOf(await openSmall(small)) };
}

async function archiveAllButTheEnd(small: SmallProject): Promise<void> {
  for (let at = 130; ; at -= 1) {
    await archived(await openSmall(small, killedFiles(quickFiles, { at })));
    const { archives } = await catalogOf(await openSmall(small));
    const [name] = readdirSync(join(small.state, 'journal', section));
    const text = readFileSync(join(small.state, 'journal', section, name!), 'utf8');
    rmSync(join(small.state, 'lock'), { recursive: true });
    if (Object.keys(archives).length === smallKeys.length && !text.includes('"kind":"end"')) return;
    rmSync(small.folder, { recursive: true });
    smallProject(small.folder);
  }
}

function flipped(good: Uint8Array, at: number, bit: number): Buffer {
  const bytes = Buffer.from(good);
  bytes[at]! ^= 1 << bit;
  return bytes;
}

/** For each byte the line that it is in, from 1; a line end belongs to the line that it ends. */
function lineOfByte(text: Uint8Array): readonly number[] {
  let line = 1;
  return [...text].map((byte) => (byte === 10 ? line++ : line));
}

/** Every line boundary, and the middle of every line. */
function cutsOf(text: Uint8Array): readonly number[] {
  const cuts = [0];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf(10, from) + 1;
    cuts.push(Math.floor((from + end) / 2), end);
    from = end;
  }
  return cuts.slice(0, -1);
}
