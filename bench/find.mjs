/**
 * `find` in a record of many members against `grep -F` over a flat list of the same paths: what a user without Stowage would keep. The record is written by the
 * journal's own writer. The first search, which makes the index, is measured by itself.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundled } from '../scripts/bundle.mjs';
import { root, SetupError } from '../scripts/prepare.mjs';

const perArchive = 50;
const runs = 4;
const stowage = join(root, 'dist/main.mjs');

/** One result for each search, and one for the making of the index. `timed` and `median` as in run.mjs. */
export async function finding(work, members, rounds, { timed, median }) {
  const config = join(work, 'config.json');
  mkdirSync(join(work, 'vault'));
  mkdirSync(join(work, 'tree/data'), { recursive: true });
  writeFileSync(
    config,
    JSON.stringify({ __config__: { root: join(work, 'tree'), store: 'dir:vault' }, data: { __exclude__: [] } }),
  );
  const list = join(work, 'paths.txt');
  await writeRecord(work, list, members);
  const search = async (...conditions) => {
    const told = join(work, 'usage.json');
    const hook = join(work, 'observer.cjs');
    writeFileSync(
      hook,
      `process.on('exit',()=>require('node:fs').writeFileSync(${JSON.stringify(told)},String(process.resourceUsage().maxRSS)))`,
    );
    const seconds = await timed(process.execPath, ['--require', hook, stowage, 'find', config, ...conditions]);
    return { seconds, peak: Number(readFileSync(told, 'utf8')) * 1024 };
  };
  const grep = async (...args) => ({ seconds: await timed('grep', [...args, list]) });
  const last = (members - perArchive).toString(36);
  const name = `_${last}.fits`;
  const made = await search(name);
  const results = [
    {
      name: `index of ${members} members, made by the first find`,
      baseline: 'grep -F',
      ours: made.seconds,
      theirs: (await grep('-F', name)).seconds,
      peak: made.peak,
      rounds: 1,
      wanted: 'reported',
      good: true,
    },
  ];
  const expression = `_${last.slice(0, -2)}[0-9a-z]{2}\\.fits$`;
  const searches = [
    ['a part of a name', [name], ['-F', name]],
    ['a glob', [`*_${last.slice(0, -1)}?.fits`], ['-E', `_${last.slice(0, -1)}[^/]\\.fits$`]],
    ['by size, the first 100', ['--size', '+99000000', '--limit', '100'], undefined],
    ['a regular expression', ['--regex', expression], ['-E', expression]],
  ];
  for (const [what, ours, theirs] of searches) {
    const times = { ours: [], theirs: [] };
    let peak = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const one = await search(...ours);
      const other = await grep(...(theirs ?? ['-F', name]));
      if (round === 0) continue;
      times.ours.push(one.seconds);
      times.theirs.push(other.seconds);
      peak = Math.max(peak, one.peak);
    }
    const [our, their] = [median(times.ours), median(times.theirs)];
    results.push({
      name: `find ${what} in ${members} members`,
      baseline: theirs === undefined ? 'grep -F for a part of a name' : `grep ${theirs[0]}`,
      ours: our,
      theirs: their,
      peak,
      rounds,
      wanted: 'under 1 s',
      good: our < 1,
    });
  }
  return results.map((one) => ({ ...one, ratio: one.theirs / one.ours }));
}

async function writeRecord(work, list, members) {
  const { journalWriter, realFiles } = await bundled({
    'journal-writer': 'src/catalog/journal-writer.ts',
    'real-files': 'src/durable/real-files.ts',
  });
  const state = { path: join(work, '.stowage') };
  const store = pathToFileURL(join(work, 'vault')).href.replace('file://', 'dir:');
  const out = openSync(list, 'wx');
  mkdirSync(state.path);
  const archives = Math.ceil(members / perArchive);
  for (let run = 0, number = 0; run < runs; run += 1) {
    const writer = await journalWriter(realFiles, state, {
      kind: 'run',
      format: 1,
      run: `2024010${run + 1}T000000.000Z-00000000`,
      verb: 'archive',
      section: 'data',
      root: join(work, 'tree'),
      store,
      at: '2024-01-01T00:00:00.000Z',
      stowage: '0',
    });
    for (; number < ((run + 1) * archives) / runs; number += 1) {
      const manifest = manifestOf(number);
      const facts = { token: `t${number}`, key: manifest.key, bytes: manifest.bytes, version: 'v' };
      await writer.addManifest(facts.token, manifest);
      await writer.add({ kind: 'recorded', ...facts, level: 'size', at: '2024-01-02T00:00:00.000Z' });
      writeSync(out, manifest.members.map(({ path }) => `${path}\n`).join(''));
      if (number % 1000 === 0) await writer.commit();
    }
    await writer.add({ kind: 'end', at: '2024-01-03T00:00:00.000Z' });
    await writer.close();
  }
  closeSync(out);
  if (archives * perArchive !== members) throw new SetupError(`--members must be a multiple of ${perArchive}`);
}

function manifestOf(number) {
  const members = Array.from({ length: perArchive }, (_, index) => {
    const member = number * perArchive + index;
    return {
      path: `raw/night_${number}/exposure_${String(index).padStart(2, '0')}_${member.toString(36)}.fits`,
      type: 'file',
      bytes: (member * 104_729) % 100_000_000,
      mtimeNs: 1_700_000_000_000_000_000n + BigInt(member) * 1_000_003n,
      mode: 0o644,
      uid: 1000,
      gid: 1000,
      sha256: 'a'.repeat(64),
      offset: 512 * index,
    };
  });
  return {
    key: `data/raw/night_${number}.tar`,
    format: 'tar',
    bytes: 1_000_000,
    sha256: 'b'.repeat(64),
    base: '',
    adopted: false,
    digestsFrom: 'writing',
    members,
  };
}
