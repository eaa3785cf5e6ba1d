import { createHash } from 'node:crypto';
import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { PackOptions } from '../../pack/pack-options.ts';
import { packedLength } from '../../pack/packed-length.ts';
import { packTar } from '../../pack/tar-writer.ts';
import { drained } from '../../pack/test-archive.ts';
import { entryOf } from '../../scan/entry-of.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { signatureOfLines } from '../../shards/signature.ts';
import { batchPacker } from './batch-packer.ts';
import { batchSteps, type FreshSource, singleSteps } from './fresh-steps.ts';
import { freshWork } from './fresh-work.ts';
import { entryItem } from './line-item.ts';
import { lineLength } from './line-length.ts';
import { memberBook } from './member-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-fresh-'));
const packer = batchPacker(2);
afterAll(async () => {
  await packer.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

/** A root of its own, and the line of what is put into it. */
function tree() {
  const root = join(folder, String(++count));
  mkdirSync(root);
  const lines = new Map<string, string>();
  const put = (path: string, make: (place: string | Buffer) => void) => {
    const place = fsPath(`${root}/${path}`);
    mkdirSync(fsPath(dirname(`${root}/${path}`)), { recursive: true });
    make(place);
    const stats = lstatSync(place, { bigint: true });
    const entry = entryOf(root, path, stats)!;
    const whole = entry.type === 'link' ? { ...entry, target: nameFromBytes(readlinkSync(place, 'buffer')) } : entry;
    lines.set(path, rowLine(whole, 0).slice(0, -1));
  };
  return {
    root,
    put,
    file: (path: string, content: Uint8Array | string) => put(path, (place) => writeFileSync(place, content)),
    small(length: number, bytes = 300) {
      for (let index = 0; index < length; index += 1)
        put(`d/${String(index).padStart(5, '0')}`, (place) => writeFileSync(place, Buffer.alloc(bytes, `${index}`)));
    },
    lines: () => [...lines].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, line]) => line),
  };
}

type Tree = ReturnType<typeof tree>;

function sourceOf({ root, lines }: Tree): FreshSource {
  const work = { lines: lines(), carried: [], emptyDirectories: [] };
  const book = memberBook({ signedBy: 'lines', keepsPaths: false, path: undefined });
  return { work, fresh: freshWork('tar', work, [root])!, roots: [root], book };
}

function streamOf(at: Tree, how: 'single' | 'batched', by = packer, options: Partial<PackOptions> = {}) {
  const from = sourceOf(at);
  const steps = how === 'single' ? singleSteps(from) : batchSteps(from, by);
  return { from, stream: packTar(steps, { settle: false, onMember: from.book.add, ...options }) };
}

async function packed(at: Tree, how: 'single' | 'batched', by = packer) {
  const { from, stream } = streamOf(at, how, by);
  const archive = await drained(stream);
  const { lines, content, signature } = from.book.close();
  const { sha256, members } = stream.result();
  expect(createHash('sha256').update(archive).digest('hex')).toBe(sha256);
  const text = Buffer.concat([...lines.pieces]).toString('utf8');
  return { sha256, members, lines: { count: lines.count, text }, content, signature };
}

async function expectSame(at: Tree) {
  const batched = await packed(at, 'batched');
  expect(batched).toEqual(await packed(at, 'single'));
  expect(batched.signature).toBe(signatureOfLines(at.lines()));
  return batched;
}

const name = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9äß日%, "-]{1,40}$/),
  fc.stringMatching(/^[a-z\udc80\udcff]{90,120}$/),
  fc.stringMatching(/^[a-z]{60,130}$/),
);
const kind = fc.oneof(
  { weight: 12, arbitrary: fc.constant('small' as const) },
  { weight: 1, arbitrary: fc.constantFrom('big' as const, 'edge' as const, 'link' as const, 'hard' as const) },
);

test('an archive that is packed in batches is the same, byte for byte, and so is all that is remembered of it', async () => {
  const runs = fc.array(fc.tuple(kind, fc.integer({ min: 1, max: 90 }), name, fc.nat(3000)), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(runs, async (all) => {
      const at = tree();
      let first: string | undefined;
      for (const [index, [what, times, text, bytes]] of all.entries()) {
        for (let turn = 0; turn < (what === 'small' ? times : 1); turn += 1) {
          const path = `${index}/${turn}${text}`;
          if (what === 'link') at.put(path, (place) => symlinkSync(fsPath(text), place));
          else if (what === 'small') at.file(path, Buffer.alloc(bytes, text));
          else if (what !== 'hard') at.file(path, Buffer.alloc(what === 'big' ? 300_000 : 262_144, text));
          else if (first !== undefined) {
            const target = fsPath(`${at.root}/${first}`);
            at.put(path, (place) => linkSync(target, place));
            at.put(first, () => undefined); // now it is known to have two names
          }
          if (what === 'small') first = path;
        }
      }
      if (at.lines().length > 0) await expectSame(at);
    }),
    { numRuns: 30 },
  );
});

test('many batches, with what is large between them and directories in front of what they hold', async () => {
  const at = tree();
  at.small(2500);
  at.file('d/00699x', Buffer.alloc(1_500_000, 'b'));
  at.file('d/01000-/deep/er', 'x');
  const { members, content } = await expectSame(at);
  expect(content).toEqual({ members: 2502, bytes: 2500 * 300 + 1_500_001 });
  expect(members).toBe(2502 + 3);
});

test('what a line says it takes in an archive, it takes', () => {
  const entry: fc.Arbitrary<Entry> = fc.record({
    path: fc.oneof(name, fc.uint8Array({ minLength: 1, maxLength: 260 }).map(nameFromBytes)),
    disk: fc.constant('/a'),
    type: fc.constantFrom('file', 'directory'),
    bytes: fc.oneof(fc.nat(600_000), fc.maxSafeNat()),
    mtimeNs: fc.oneof(
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.bigInt({ min: 0n, max: 2n ** 34n }).map((seconds) => seconds * 1_000_000_000n),
      fc.constantFrom(1_700_000_000_123_456_789n, 999_999_999_999_999_999n, 10_000_000_000_000_000_000n),
    ),
    mode: fc.nat(0o7777),
    uid: fc.oneof(fc.nat(2000), fc.nat(2 ** 32 - 2)),
    gid: fc.oneof(fc.nat(2000), fc.constantFrom(999_999, 1_000_000, 0o7777777, 0o10000000)),
  });
  fc.assert(
    fc.property(entry, (one) => {
      const { packed, isSmall } = lineLength(rowLine(one, 0).slice(0, -1), ['/a']);
      expect(packed).toBe(packedLength(entryItem(one)));
      expect(isSmall).toBe(one.bytes <= 262_144);
    }),
    { numRuns: 3000 },
  );
});

describe('a file that is not what its line says stops it', () => {
  test.each([
    ['changed', (place: string) => appendFileSync(place, 'more')],
    ['gone', (place: string) => rmSync(place)],
    [
      'a link',
      (place: string) => {
        rmSync(place);
        symlinkSync('/etc/passwd', place);
      },
    ],
  ])('%s', async (_, change) => {
    const at = tree();
    at.small(1500);
    const { stream } = streamOf(at, 'batched');
    change(join(at.root, 'd/01300'));
    await expect(drained(stream)).rejects.toMatchObject({ code: 'changed', facts: { path: 'd/01300' } });
  });

  test('of several the first by order is told', async () => {
    const at = tree();
    at.small(4000);
    const { stream } = streamOf(at, 'batched');
    for (const path of ['d/03999', 'd/03100', 'd/01200']) appendFileSync(join(at.root, path), 'more');
    await expect(drained(stream)).rejects.toMatchObject({ facts: { path: 'd/01200' } });
  });

  test('one that cannot be read is told with its path', async () => {
    // Offset 0 of a process's memory is never mapped: the one file that everybody has and nobody can read there.
    const stats = entryOf('/proc', 'self/mem', lstatSync('/proc/self/mem', { bigint: true }))!;
    const lines = [rowLine({ ...stats, bytes: 10 }, 0).slice(0, -1)];
    const work = { lines, carried: [], emptyDirectories: [] };
    const book = memberBook({ signedBy: 'lines', keepsPaths: false, path: undefined });
    const from: FreshSource = { work, fresh: { directories: [] }, roots: ['/proc'], book };
    const failed = drained(packTar(batchSteps(from, packer), { settle: false }));
    await expect(failed).rejects.toMatchObject({ code: 'unavailable', facts: { path: 'self/mem', errno: 'EIO' } });
  });
});

test('an abort stops it, a reader may leave, and the threads go on with the next archive', async () => {
  const at = tree();
  at.small(3000);
  const stop = new AbortController();
  const { stream } = streamOf(at, 'batched', packer, { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(drained(stream)).rejects.toMatchObject({ code: 'interrupted' });
  for await (const _ of streamOf(at, 'batched').stream.chunks) break;
  await expectSame(at);
});

test('a path that leaves the root is refused', async () => {
  const at = tree();
  at.small(10);
  const from = sourceOf(at);
  const work = { ...from.work, lines: [...at.lines(), at.lines()[0]!.replace(/^[^,]+/, '../x')] };
  const failed = drained(packTar(batchSteps({ ...from, work }, packer), { settle: false }));
  await expect(failed).rejects.toMatchObject({ code: 'refused' });
});

test('threads that end take no archive with them unheard', async () => {
  const lost = batchPacker(1);
  const at = tree();
  at.small(3000);
  const work = packed(at, 'batched', lost);
  work.catch(() => undefined);
  await lost.close();
  await expect(work).rejects.toMatchObject({ code: 'interrupted' });
});

test('memory that travels holds nothing of the archive before', async () => {
  const dirty = tree();
  dirty.small(1200, 1500);
  await packed(dirty, 'batched');
  const clean = tree();
  clean.small(1200, 513);
  await expectSame(clean);
});

test('what may not be for us to read, or has no owner, is looked at again before anything is written', () => {
  const at = tree();
  at.small(3);
  const work = { lines: at.lines(), carried: [], emptyDirectories: [] };
  expect(freshWork('tar', work, [at.root])?.directories).toHaveLength(1);
  expect(freshWork('plain', { ...work, lines: at.lines().slice(0, 1) }, [at.root])).toEqual({ directories: [] });
  const ownerless = work.lines.map((line, index) => (index === 1 ? line.replace(/,\d+,\d+,,,$/, ',,,,,') : line));
  expect(freshWork('tar', { ...work, lines: ownerless }, [at.root])).toBeUndefined();
});
