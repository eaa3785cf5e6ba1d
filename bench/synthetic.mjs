/**
 * A section that was archived and of which nothing exists but what is said of it: a listing, a record, and empty files of the right size and
 * time in the store. So 10^7 or 10^8 entries can be planned where there is no room for so many files.
 */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, futimesSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const run = '20240101T000000.000Z-00000000';
const seconds = 1_700_000_000;
const shardRows = 200_000;
const columns = 'path,disk,type,bytes,mtime_ns,mode,uid,gid,target,shared,reason';
const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Makes it in `work`: `archives` archives of `members` members each. Returns the path of the configuration. `recorded` false leaves store and record empty. */
export function synthetic(work, { archives, members, recorded = true }) {
  const config = join(work, 'config.json');
  const root = join(work, 'tree');
  mkdirSync(join(root, 'data'), { recursive: true });
  mkdirSync(join(work, 'vault'), { recursive: true });
  const rules = { __exclude__: [], raw: { 'raw/([0-9]+)/([0-9]+)/[^/]+$': 'raw/\\1/\\2.tar' } };
  writeFileSync(config, JSON.stringify({ __config__: { root, store: 'dir:vault' }, data: rules }));
  listing(work, root, archives, members);
  if (recorded) {
    journal(work, root, archives, members);
    store(work, archives, members);
  }
  return config;
}

const folderOf = (archive) =>
  `raw/${String(Math.floor(archive / 500)).padStart(4, '0')}/${String(archive).padStart(7, '0')}`;
const fileOf = (member) => `exposure-${String(member).padStart(5, '0')}.fits`;
const sizeOf = (archive, member) => 1000 + ((archive * 31 + member * 7) % 9000);
const nanosecondsOf = (archive, member) => String((archive * 1009 + member * 13) % 1_000_000_000).padStart(9, '0');

function listing(work, root, archives, members) {
  const folder = join(work, '.stowage/listing/data', run);
  mkdirSync(folder, { recursive: true });
  const shards = [];
  let lines = [];
  let bytes = 0;
  const flush = () => {
    const content = Buffer.from(`${columns}\n${lines.join('')}`);
    const name = `${String(shards.length + 1).padStart(6, '0')}.csv`;
    writeFileSync(join(folder, name), content);
    shards.push({ name, rows: lines.length, bytes: content.length, crc32: crc32(content) });
    lines = [];
  };
  for (let archive = 0; archive < archives; archive += 1) {
    const place = folderOf(archive);
    lines.push(`${place},0,d,0,${seconds}000000000,755,1000,1000,,,\n`);
    for (let member = 0; member < members; member += 1) {
      const size = sizeOf(archive, member);
      bytes += size;
      lines.push(
        `${place}/${fileOf(member)},0,f,${size},${seconds}${nanosecondsOf(archive, member)},644,1000,1000,,,\n`,
      );
      if (lines.length >= shardRows) flush();
    }
  }
  if (lines.length > 0) flush();
  const at = '2024-01-01T00:00:00.000Z';
  const none = { link: 0, fifo: 0, socket: 0, 'character-device': 0, 'block-device': 0 };
  const text = JSON.stringify({
    format: 1,
    section: { path: 'data' },
    source: 'scan',
    roots: [{ path: join(root, 'data') }],
    begun: at,
    ended: at,
    counts: { ...none, file: archives * members, directory: archives, bytes },
    unseen: 0,
    shards,
  });
  writeFileSync(join(folder, 'listing.json'), `${text.slice(0, -1)},"crc32":${crc32(text)}}\n`);
}

function journal(work, root, archives, members) {
  const folder = join(work, '.stowage/journal/data');
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, `${run}.jsonl`), 'w');
  let parts = [];
  let length = 0;
  const add = (body) => {
    const line = `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`;
    parts.push(line);
    length += line.length;
    if (length < 4 << 20) return;
    writeSync(file, parts.join(''));
    parts = [];
    length = 0;
  };
  const record = (value) => add(JSON.stringify(value).slice(0, -1));
  const at = '2024-01-01T00:00:00.000Z';
  record({
    kind: 'run',
    format: 1,
    run,
    verb: 'archive',
    section: 'data',
    root,
    store: `dir:${join(work, 'vault')}`,
    at,
    stowage: '0.1.0',
  });
  for (let archive = 0; archive < archives; archive += 1) {
    const place = folderOf(archive);
    const key = `data/${place}.tar`;
    const token = `t${archive}`;
    const bytes = archiveBytes(archive, members);
    const modified = `${seconds}.000000000`;
    record({
      kind: 'manifest',
      token,
      key,
      format: 'tar',
      bytes,
      sha256: digest,
      signature: signature(archive, members),
      base: '',
      adopted: false,
      digestsFrom: 'writing',
      members,
    });
    let offset = 512;
    for (let member = 0; member < members; member += 1) {
      const size = sizeOf(archive, member);
      add(
        `{"kind":"member","path":"${place}/${fileOf(member)}","type":"file","bytes":${size},"mtime":"${seconds}.${nanosecondsOf(archive, member)}","mode":"0644","uid":1000,"gid":1000,"sha256":"${digest}","offset":${offset}`,
      );
      offset += 1024 + Math.ceil(size / 512) * 512;
    }
    record({ kind: 'recorded', token, key, bytes, version: 'v', modified, level: 'size', at });
  }
  record({ kind: 'end', at });
  writeSync(file, parts.join(''));
  closeSync(file);
}

/** As docs/formats/journal.md says. */
function signature(archive, members) {
  const place = folderOf(archive);
  const hash = createHash('sha256');
  for (let member = 0; member < members; member += 1)
    hash.update(
      `${place}/${fileOf(member)},f,${sizeOf(archive, member)},${seconds}${nanosecondsOf(archive, member)},644,1000,1000,\n`,
    );
  return hash.digest('hex');
}

function archiveBytes(archive, members) {
  let bytes = 1024;
  for (let member = 0; member < members; member += 1) bytes += 1024 + Math.ceil(sizeOf(archive, member) / 512) * 512;
  return bytes;
}

function store(work, archives, members) {
  for (let archive = 0; archive < archives; archive += 1) {
    const path = join(work, 'vault/data', `${folderOf(archive)}.tar`);
    if (archive % 500 === 0) mkdirSync(join(path, '..'), { recursive: true });
    const file = openSync(path, 'w');
    ftruncateSync(file, archiveBytes(archive, members));
    futimesSync(file, seconds, seconds);
    closeSync(file);
  }
}
