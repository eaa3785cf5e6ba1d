import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { blockBytes, blockSource } from '../disc/block-source.ts';
import { checkDisc } from '../disc/check-disc.ts';
import { imageWriter } from '../disc/image-writer.ts';
import { sessionsOf } from '../disc/volume.ts';
import { shownBy } from '../disc/write-session.ts';
import { realFiles } from '../durable/real-files.ts';
import { storeKey } from '../model/store-key.ts';
import { findProgram } from '../programs/find-program.ts';
import { storeContract } from '../store/contract.ts';
import { keysOf, publish, put, read } from '../store/contract-checks.ts';
import type { WantedObject } from '../store/store.ts';
import { type DiscStoreOptions, discStore } from './disc.ts';
import { sumsPath } from './disc-sums.ts';

const { describe, test } = needing(findProgram('xorriso') !== undefined);
const [a, b, c] = ['data/a', 'data/b', 'data/c'].map(storeKey) as [ReturnType<typeof storeKey>, never, never];

async function blank(options: DiscStoreOptions = {}) {
  const folder = await scratchFolder();
  const image = `${folder}/disc.iso`;
  writeFileSync(image, '');
  return { folder, image, store: discStore(image, options) };
}

/** What is left beside the image and the folder in which archives wait. */
function leftIn(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => !['disc.iso', 'disc.iso.spool'].includes(name),
  );
}

function gone(image: string): string {
  rmSync(image);
  return image;
}

async function sessionsIn(image: string) {
  const source = await blockSource(image);
  try {
    return await sessionsOf(source);
  } finally {
    await source.close();
  }
}

const want = (key: string, bytes = 1): WantedObject => ({ key: storeKey(key), bytes, replaces: false, byStore: false });

describe('an image keeps the contract', () => {
  const cases = storeContract.map((one) => [one.name, one] as const);
  test.each(cases)('%s', async (_name, one) => {
    const { folder, image, store } = await blank();
    await one.run({ store, reopen: async () => discStore(image), prefix: 'scratch/' });
    expect(leftIn(folder), 'something is left over').toEqual([]);
  });
});

describe('a disc that cannot be looked at is an error, never empty', () => {
  test.each([
    ['gone', (image: string) => rmSync(image)],
    ['a directory', (image: string) => mkdirSync(gone(image))],
    ['a link that leads nowhere', (image: string) => symlinkSync('nowhere', gone(image))],
    ['somebody else’s file', (image: string) => writeFileSync(image, 'my data '.repeat(10_000))],
    ['cut off before its directories', (image: string) => truncateSync(image, 40 * blockBytes)],
  ])('%s', async (_, harm) => {
    const { image, store } = await blank();
    await put(store, a, 'one');
    harm(image);
    const before = image;
    for (const view of [store, discStore(before)]) {
      for (const look of [
        () => view.stat(a),
        () => keysOf(view, ''),
        () => read(view, a),
        () => view.write(b, []),
        async () => void (await view.debris()[Symbol.asyncIterator]().next()),
      ])
        await expect(look(), String(look)).rejects.toMatchObject({ code: 'unavailable' });
    }
  });
});

test('what is published together is one session; what is replaced stays in the older one', async () => {
  const { image, store } = await blank();
  const first = await publish(store, [
    await store.write(a, [Buffer.from('one')]),
    await store.write(b, [Buffer.from('two')]),
  ]);
  expect(await sessionsIn(image)).toHaveLength(1);
  await publish(store, [await store.write(a, [Buffer.from('ONE')])], [[a, first[0]!.object.version]]);
  const sessions = await sessionsIn(image);
  expect(sessions).toHaveLength(2);
  expect(await read(discStore(image), a)).toBe('ONE');
  const out = `${image}.old`;
  execFileSync('xorriso', ['-load', 'session', '1', '-indev', image, '-osirrox', 'on', '-extract', '/', out], {
    stdio: 'ignore',
  });
  expect([readFileSync(`${out}/data/a`, 'utf8'), readFileSync(`${out}/data/b`, 'utf8')]).toEqual(['one', 'two']);
  expect((await checkDisc(image, { allSessions: true })).faults).toEqual([]);
});

test('a replacement has a later time than what it replaces, whatever the clock says', async () => {
  const { image, store } = await blank();
  const early = await store.write(a, [Buffer.from('one')]);
  const future = 4_000_000_000;
  utimesSync(`${image}.spool/${early.token}`, future, future);
  const [old] = await publish(store, [early]);
  const [next] = await publish(store, [await store.write(a, [Buffer.from('ONE')])], [[a, old!.object.version]]);
  const seconds = [old, next].map((one) => Number(one!.object.modifiedNs! / 1_000_000_000n));
  expect(seconds).toEqual([future, future + 1]);
});

test('nothing is written again where all is there already', async () => {
  const { image, store } = await blank();
  const written = await store.write(a, [Buffer.from('one')]);
  await publish(store, [written]);
  const before = readFileSync(image);
  await publish(discStore(image), [written]);
  // The same content under the same name is what was to be there.
  await publish(store, [await store.write(a, [Buffer.from('one')])]);
  expect(readFileSync(image).equals(before)).toBe(true);
});

test('the disc proves itself with standard tools', async () => {
  const { folder, image, store } = await blank();
  for (const [key, text] of [
    [a, 'one'],
    [storeKey('data/b\\\n-'), 'two'],
    [storeKey('.stowage/RUN.jsonl'), '{}\n'],
  ] as const)
    await put(store, key, text);
  execFileSync('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', `${folder}/out`], { stdio: 'ignore' });
  const said = execFileSync('sha256sum', ['--strict', '-c', sumsPath, `${sumsPath}.sha256`], {
    cwd: `${folder}/out`,
    encoding: 'utf8',
  });
  expect(said.match(/: OK$/gm)).toHaveLength(4);
  const modes = [...(await shownBy(image)).values()].flatMap(({ path, mode }) => (path === '.stowage' ? [mode] : []));
  expect(modes).toEqual([0o755]);
});

describe('the digests on the disc', () => {
  test('are not believed of what somebody else wrote later', async () => {
    const { folder, image, store } = await blank();
    const mine = await put(store, a, 'one');
    expect(mine.digests.sha256).toBe(mine.version);
    writeFileSync(`${folder}/other`, 'ONE');
    const writer = imageWriter(image, { files: realFiles });
    writer.initializeImage({ newDisc: false });
    writer.addImageEntry(`${folder}/other`, a);
    await writer.writeImage();
    const theirs = (await store.stat(a))!;
    expect([theirs.bytes, theirs.digests, await store.digest!(a, 'sha256')]).toEqual([3, {}, undefined]);
    expect(theirs.version).not.toBe(mine.version);
    const [refused] = [await store.write(a, [Buffer.from('uno')])];
    await expect(publish(store, [refused!], [[a, mine.version]])).rejects.toMatchObject({ code: 'changed' });
    // They are not forgotten of what nobody touched, and what others wrote gets none by the way.
    await put(store, b, 'two');
    expect((await store.stat(a))!.digests).toEqual({});
    expect((await store.stat(b))!.digests.sha256).toBeDefined();
  });

  test('are not believed if they are not what was written', async () => {
    const { image, store } = await blank();
    const { version } = await put(store, a, 'one');
    const at = readFileSync(image).indexOf(`${version}  data/a`);
    expect(at).toBeGreaterThan(0);
    const bytes = readFileSync(image);
    bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
    writeFileSync(image, bytes);
    expect((await discStore(image).stat(a))!.digests).toEqual({});
    expect(await read(discStore(image), a)).toBe('one');
  });
});

describe('before anything is written', () => {
  test('names that a disc cannot carry are told, each for itself', async () => {
    const { store } = await blank();
    await put(store, storeKey('data/dir/x'), 'x');
    await put(store, a, 'x');
    const long = `data/${'n'.repeat(256)}`;
    const wants = [b, long, 'data/dir', `${a}/below`, 'data/new', 'data/new/below', a].map((key) => want(key));
    const told = (await store.preflight!(wants)).map(({ key, reason, stops }) => [key, reason, stops]);
    expect(told).toEqual([
      [long, 'it cannot be on a disc: a part of its path is longer than 255 bytes', undefined],
      ['data/dir', 'it is a directory on the disc', undefined],
      ['data/a/below', "it would lie below 'data/a', which is no directory", undefined],
      ['data/new/below', "it would lie below 'data/new', which is no directory", undefined],
    ]);
  });

  test('a disc that is too small is told with both sizes, and is not touched', async () => {
    const { image, store } = await blank({ media: 'cdr-74' });
    const [obstacle, ...more] = await store.preflight!([want('data/a', 700_000_000)]);
    expect([obstacle!.stops, obstacle!.reason, more]).toEqual([
      true,
      expect.stringMatching(/^the archives need 7000\d+ bytes, and on the disc '.*' there is room for 658227200$/),
      [],
    ]);
    expect(readFileSync(image)).toHaveLength(0);
  });

  test('and if nobody asked, the session is refused', async () => {
    // Of a CD the lead-in alone leaves a little: what is more is not written.
    const { folder, image, store } = await blank({ media: 'cdr-74' });
    const big = `${folder}/disc.iso.spool`;
    const written = await store.write(a, [Buffer.from('x')]);
    truncateSync(`${big}/${written.token}`, 700_000_000);
    await expect(publish(store, [written])).rejects.toMatchObject({
      code: 'full',
      message: expect.stringMatching(/667\.\d+ MB.*627\.73 MB/),
    });
    expect(readFileSync(image)).toHaveLength(0);
  });
});

test('a name that a disc cannot carry is refused for itself, and what is before it is published', async () => {
  const { store } = await blank();
  const long = storeKey(`data/${'n'.repeat(256)}`);
  const written = [];
  for (const key of [a, long, b]) written.push(await store.write(key, [Buffer.from(key)]));
  await expect(publish(store, written)).rejects.toMatchObject({ code: 'exists' });
  expect(await keysOf(store, '')).toEqual([a]);
});

test('a session that is not what it was to be stops the run, and the image is as it was', async () => {
  const { folder, image } = await blank();
  await put(discStore(image), a, 'one');
  const before = readFileSync(image);
  // It swaps what it is given for something else of the same size once it is asked to write.
  const stub = `${folder}/xorriso`;
  writeFileSync(
    stub,
    `#!/bin/sh\nin=$(cat)\ncase "$in" in *-commit*) for f in '${folder}'/disc.iso.spool/*.data*; do printf XXX >"$f"; done;; esac\nprintf '%s\\n' "$in" | exec ${findProgram('xorriso')} "$@"\n`,
  );
  chmodSync(stub, 0o755);
  const store = discStore(image, { xorriso: stub });
  const written = await store.write(c, [Buffer.from('two')]);
  await expect(publish(store, [written])).rejects.toMatchObject({ code: 'corrupt', facts: { stopsRun: true } });
  expect(readFileSync(image).equals(before)).toBe(true);
});

test('an image may be a link, and its name anything', async () => {
  const folder = await scratchFolder();
  writeFileSync(`${folder}/real.iso`, '');
  symlinkSync('real.iso', `${folder}/a b?%.iso`);
  const store = discStore(`${folder}/a b?%.iso`);
  await put(store, a, 'one');
  expect(await keysOf(discStore(`${folder}/real.iso`), '')).toEqual([a]);
  expect(store.location).toBe(`disc:${folder}/a%20b%3F%25.iso`);
});

test('several discs may have one spool, and none touches what waits for another', async () => {
  const [one, other] = [await blank(), await blank()];
  const spool = `${one.folder}/spool`;
  const stores = [one, other].map(({ image }) => discStore(image, { spool }));
  const written = await stores[0]!.write(a, [Buffer.from('one')]);
  for await (const left of stores[1]!.debris()) await stores[1]!.discard(left);
  await publish(stores[0]!, [written]);
  expect([await keysOf(stores[0]!, ''), await keysOf(stores[1]!, '')]).toEqual([[a], []]);
});

test('two that publish at once write one session after the other', async () => {
  const { image } = await blank();
  const stores = [discStore(image), discStore(image)];
  await Promise.all(stores.map((store, at) => put(store, storeKey(`data/${at}`), String(at))));
  expect(await keysOf(discStore(image), '')).toEqual(['data/0', 'data/1']);
  expect((await checkDisc(image)).faults).toEqual([]);
});
