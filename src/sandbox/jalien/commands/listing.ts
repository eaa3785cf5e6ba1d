import type { Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { guidMac, guidTime } from '../guid.ts';
import { baseName, globMatcher, isPattern, withSlash } from '../lfn.ts';
import { longColumns, longTime, sizeText, timestamp } from '../texts.ts';

const ls: ServerCommand = {
  shape: { flags: ['l', 'a', 'F', 'b', 'c', 'H', 'bulk'] },
  usage: usage(
    'ls   [-options] [<directory>]',
    ['-l', 'long format'],
    ['-a', 'show hidden .* files'],
    ['-F', 'add trailing / to directory names'],
    ['-b', 'print in guid format'],
    ['-c', 'print canonical paths'],
    ['-H', "human readable file sizes (1024-based); implies '-l'"],
  ),
  run(call) {
    for (const given of call.args.length === 0 ? ['.'] : call.args) {
      const found = matches(call, given);
      if (found.length === 0) call.reply.fail(2, given);
      for (const entry of found) {
        const shown = entry.type === 'd' ? call.world.catalogue.children(entry.path) : [entry];
        for (const one of shown) {
          if (call.options.has('a') || entry === one || !baseName(one.path).startsWith('.')) list(call, one);
        }
      }
    }
  },
};

/** What an argument stands for: itself, or all that its wildcards match. */
export function matches(call: Call, given: string): readonly Entry[] {
  const { catalogue } = call.world;
  const path = call.path(given);
  const exact = catalogue.get(path);
  if (exact !== undefined) return [exact];
  if (!isPattern(given)) return [];
  let found: readonly Entry[] = [catalogue.get('/')!];
  for (const part of path.split('/').filter((one) => one !== '')) {
    const fits = isPattern(part) ? globMatcher(part) : (name: string) => name === part;
    found = found.flatMap((entry) => catalogue.children(entry.path).filter((one) => fits(baseName(one.path))));
  }
  return found;
}

function list({ options, reply, world }: Call, entry: Entry) {
  const isFolder = entry.type === 'd';
  if (options.has('b')) {
    if (isFolder) return;
    const guid = entry.guid?.toUpperCase();
    if (guid !== undefined) reply.set('guid', guid);
    reply.print(guid === undefined ? '' : `${guid}   ${entry.path}`);
    return reply.next();
  }
  const path = isFolder ? withSlash(entry.path) : entry.path;
  if (options.has('c')) {
    reply.print(path);
    return reply.next();
  }
  const mark = isFolder && options.has('F') ? '/' : '';
  const name = baseName(entry.path) + mark;
  const isLong = options.has('l') || options.has('H');
  const columns = longColumns(entry, world.now(), options.has('H'));
  if (isLong) {
    reply.set('permissions', columns.slice(0, 10));
    reply.set('user', entry.owner);
    reply.set('group', entry.group);
    reply.set('size', isFolder ? 0 : entry.size);
    reply.set('ctime', Math.floor(entry.ctimeMs / 1000));
  }
  reply.set('name', name);
  reply.set('path', path + mark);
  reply.print(isLong ? `${columns}    ${name}` : name);
  reply.next();
}

const stat: ServerCommand = {
  shape: { flags: ['v'] },
  least: 1,
  usage: usage('stat [-v] <filename1> [<or uuid>] ...', ['-v', 'more details on the status']),
  run(call) {
    const { world } = call;
    for (const given of call.args) {
      const entry = call.entry(given) ?? world.catalogue.byGuid(given);
      if (entry === undefined) call.reply.fail(2, given);
      else tell(call, entry);
    }
  },
};

function tell({ reply, options, world }: Call, entry: Entry): void {
  const { type, owner, group, perm, ctimeMs, size, md5, guid } = entry;
  const path = type === 'd' ? withSlash(entry.path) : entry.path;
  const made = guid === undefined ? undefined : guidTime(guid);
  reply.print(`File: ${path}\nType: ${type}\nOwner: ${owner}:${group}\nPermissions: ${perm}`);
  reply.print(`Last change: ${timestamp(ctimeMs)}.0 (${ctimeMs})`);
  if (type !== 'd') reply.print(`Size: ${size} (${sizeText(size)})\nMD5: ${md5 ?? 'null'}`);
  if (guid !== undefined) reply.print(`GUID: ${guid}`);
  if (made !== undefined) reply.print(`\tGenerated on ${longTime(made)} by ${guidMac(guid!)}`);
  reply.set('file', path);
  if (world.statHasLfn) reply.set('lfn', path);
  const seconds = Math.floor(ctimeMs / 1000);
  for (const [key, value] of Object.entries({ type, owner, gowner: group, perm, ctime: seconds }))
    reply.set(key, value);
  if (entry.jobid !== undefined) reply.set('jobid', entry.jobid);
  if (entry.expire !== undefined) reply.set('expiretime', entry.expire);
  if (type !== 'd') {
    reply.set('size', size);
    if (md5 !== undefined) reply.set('md5', md5);
    if (guid !== undefined) reply.set('guid', guid);
    if (made !== undefined) reply.set('mtime', made);
  }
  if (options.has('v')) {
    for (const [key, value] of Object.entries({ hostIndex: 1, tableName: 'L0L', host: world.organisation }))
      reply.set(key, value);
    reply.set('replicas', Object.fromEntries(entry.replicas.map(({ se, pfn }) => [se, pfn])));
  }
  reply.next();
}

const type: ServerCommand = {
  shape: { flags: ['z', 's'] },
  least: 1,
  usage: usage('type   <lfn>', ['-z', 'return only the result of the operation']),
  run({ args, entry, reply }) {
    for (const given of args) {
      const there = entry(given);
      if (there === undefined) {
        reply.fail(2, given);
        continue;
      }
      const word = there.type === 'd' ? 'directory' : there.type === 'c' ? 'collection' : 'file';
      reply.set('lfn', there.type === 'd' ? withSlash(there.path) : there.path);
      reply.set('type', word);
      reply.print(word);
      reply.next();
    }
  },
};

/** What is there. */
export const listingCommands = { ls, stat, type };
