import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { journalLine, sealed } from '../src/catalog/journal-line.ts';
import { journalPath } from '../src/catalog/state-folder.ts';
import { memberFields } from '../src/model/manifest-json.ts';

import { type SmallProject, section } from './small-project.ts';

const perArchive = 1000;
const run = '20240101T000000.000Z-00000000';

/** More than searches read without an index. */
export const manyMembers = 210_000;

/** Gives a project the record of many members, which are neither on disk nor in the store. */
export function recordMany(small: SmallProject): void {
  const path = journalPath({ path: small.state }, section, run);
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const root = join(small.folder, 'root');
  const begun = {
    kind: 'run',
    format: 1,
    run,
    verb: 'archive',
    section,
    root,
    store: `dir:${small.vault}`,
    at: '2024',
  };
  writeSync(file, journalLine({ ...begun, stowage: '0' }));
  const facts = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 1n, bytes: 7, type: 'file' } as const;
  for (let first = 0; first < manyMembers; first += perArchive) {
    const key = `${section}/raw_${first}.tar`;
    const object = { token: `t${first}`, key, bytes: 10, version: 'v' };
    const head = { kind: 'manifest', ...object, format: 'tar', base: '', adopted: false, digestsFrom: 'writing' };
    const members = Array.from({ length: perArchive }, (_, index) =>
      sealed(`{"kind":"member",${memberFields({ ...facts, path: `raw/${first}/image_${first + index}.fits` })}`),
    );
    writeSync(file, journalLine({ ...head, members: perArchive }) + members.join(''));
    writeSync(file, journalLine({ kind: 'recorded', ...object, level: 'size', at: '2024-01-02T00:00:00.000Z' }));
  }
  writeSync(file, journalLine({ kind: 'end', at: '2024-01-03T00:00:00.000Z' }));
  closeSync(file);
}
