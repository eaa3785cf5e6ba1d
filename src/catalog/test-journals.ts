import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { memberFields } from '../model/manifest-json.ts';
import { storeKey } from '../model/store-key.ts';
import { journalLine, sealed } from './journal-line.ts';
import type { JournalRecord } from './records.ts';
import { journalPath } from './state-folder.ts';

// Journals for tests, and what anything may be in them.

export const identity = { root: '/r', store: 'dir:/v' };
export const section = 'data';

/** One archive as it was recorded at some time. */
export interface Recorded {
  readonly key: string;
  readonly members: readonly Member[];
  readonly adopted?: boolean;
  readonly format?: Manifest['format'];
}

export function manifestOf({ key, members, adopted = false, format = 'tar' }: Recorded): Manifest {
  return { key: storeKey(key), format, bytes: 10, base: '', adopted, digestsFrom: 'writing', members };
}

function linesOf(one: Recorded, token: string, at: string): string {
  const { members, ...head } = manifestOf(one);
  const facts = { token, key: one.key, bytes: 10, version: token };
  return [
    journalLine({ kind: 'manifest', token, ...head, members: members.length }),
    ...members.map((member) => sealed(`{"kind":"member",${memberFields(member)}`)),
    journalLine({ kind: 'written', ...facts }),
    journalLine({ kind: 'recorded', ...facts, level: 'size', at }),
  ].join('');
}

/** A state folder with these runs; `recordedAt` grows from recording to recording. */
export async function stateWith(runs: readonly (readonly Recorded[])[]) {
  const state = { path: await scratchFolder() };
  writeRuns(state, runs);
  return state;
}

/** Writes the journals of these runs, from the one of the number `first` on; those before are there as they are here. */
export function writeRuns(state: { readonly path: string }, runs: readonly (readonly Recorded[])[], first = 0): void {
  let count = 0;
  for (const [index, recorded] of runs.entries()) {
    if (index < first) {
      count += recorded.length;
      continue;
    }
    const run = `2024${String(index + 101).slice(1)}01T000000.000Z-00000000`;
    const begun: JournalRecord = {
      kind: 'run',
      format: 1,
      run,
      verb: 'archive',
      section,
      ...identity,
      at: '2024',
      stowage: '0',
    };
    const lines = recorded.map((one) => {
      count += 1;
      return linesOf(one, `t${count}`, timeOf(count));
    });
    const path = journalPath(state, section, run);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, journalLine(begun) + lines.join(''));
  }
}

export function timeOf(count: number): string {
  return `2024-${String(count).padStart(5, '0')}`;
}

/** Names that are not easy, too. */
export const anyName = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd/a', '\udcff', '"type":"x', ',"type":"file","bytes":7', '\n', '%41', '日'),
  fc.string({ minLength: 1, maxLength: 5 }).filter((name) => !/[\ud800-\udfff\0]/.test(name)),
);
export const anyMember: fc.Arbitrary<Member> = fc
  .record({
    path: anyName,
    type: fc.constantFrom('file', 'file', 'link', 'directory'),
    bytes: fc.constantFrom(0, 1, 2 ** 40),
    mtimeNs: fc.constantFrom(0n, -1n, 1_700_000_000_123_456_789n),
    link: anyName,
    digest: fc.constantFrom(undefined, 'aa', 'bb'),
    further: fc.boolean(),
  })
  .map(({ path, type, bytes, mtimeNs, link, digest, further }) => {
    const facts = { path, mtimeNs, mode: 0o644, uid: 0, gid: 0 };
    if (type === 'directory') return { ...facts, type, bytes: 0 };
    if (type === 'link') return { ...facts, type, bytes: 0, target: link };
    const shared = further ? { hardLink: link } : {};
    return { ...facts, type: 'file', bytes, ...shared, ...(digest === undefined ? {} : { sha256: digest }) };
  });
export const anyRecorded: fc.Arbitrary<Recorded> = fc.record({
  key: fc.constantFrom('data/x.tar', 'data/y.tar', 'data/z'),
  members: fc.uniqueArray(anyMember, { selector: ({ path }) => path, maxLength: 6 }),
});
export const anyRuns = fc.array(fc.array(anyRecorded, { maxLength: 3 }), { maxLength: 4 });
