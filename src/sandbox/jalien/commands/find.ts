import { allows, type Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { guidTimeColumn } from '../guid.ts';
import { baseName, globMatcher, parentOf, withSlash } from '../lfn.ts';
import { longColumns } from '../texts.ts';
import { newEntry } from './directories.ts';

const findUsage = usage(
  'find   [flags] <path> <pattern>\n',
  ['-a', 'show hidden .* files'],
  ['-s', 'no sorting'],
  ['-x <target LFN>', 'create the indicated XML collection with the results of the find operation'],
  ['-d', 'return also the directories'],
  ['-w[h]', 'long format, optionally human readable file sizes'],
  ['-j <queueid>', 'filter files created by a certain job ID'],
  ['-l <count>', 'limit the number of returned entries to at most the indicated value'],
  ['-o <offset>', 'skip over the first /offset/ results'],
  ['-r', 'pattern is a regular expression'],
  ['-f', 'return all LFN data as JSON fields (API flag only)'],
  ['-y', '(FOR THE OCDB) return only the biggest version of each file'],
);

const find: ServerCommand = {
  shape: { flags: ['a', 's', 'd', 'w', 'h', 'r', 'f', 'y', 'z'], values: ['x', 'j', 'l', 'o'] },
  least: 1,
  usage: findUsage,
  run(call) {
    const { reply, options, world } = call;
    const where = placeAndPattern(call.args);
    if (where === undefined) {
      const problem = `I can't infer the search pattern from \`${call.args[0]}\``;
      reply.fail(22, `${problem}, please pass the base directory and the search pattern separately`);
      return reply.print(findUsage);
    }
    const base = call.entry(where.base);
    if (base?.type !== 'd') return reply.fail(20, where.base);
    const offset = Number(options.value('o') ?? 0);
    const limit = Number(options.value('l') ?? Number.POSITIVE_INFINITY);
    const fits = matcher(where.pattern, options.has('r'));
    const found = [...world.catalogue.below(base.path)]
      .filter((entry) => isWanted(call, entry, base.path, fits))
      .slice(offset, offset + limit);
    const collection = options.value('x');
    if (collection !== undefined) {
      const path = call.path(collection);
      const above = world.catalogue.get(parentOf(path));
      const isFree = world.catalogue.get(path) === undefined;
      if (!isFree || above?.type !== 'd' || !allows(above, call.session.role, 2)) return reply.fail(5, collection);
      const members = found.filter((entry) => entry.type !== 'd').map((entry) => entry.path);
      world.catalogue.put({ ...newEntry(call, path, 'c', world.now()), members });
      return;
    }
    for (const entry of found) tell(call, entry);
  },
};

function placeAndPattern(args: readonly string[]): { base: string; pattern: string } | undefined {
  const [first, second] = args;
  if (second !== undefined) return { base: first!, pattern: second };
  const star = first!.indexOf('*');
  const slash = first!.lastIndexOf('/', star);
  return star < 0 || slash < 0 ? undefined : { base: first!.slice(0, slash + 1), pattern: first!.slice(slash + 1) };
}

/** A pattern may match anywhere in what lies below the base, across directories. */
function matcher(pattern: string, isExpression: boolean): (below: string) => boolean {
  if (!isExpression) return globMatcher(`*${pattern}*`, true);
  const expression = new RegExp(pattern);
  return (below) => expression.test(below);
}

function isWanted({ options }: Call, entry: Entry, base: string, fits: (below: string) => boolean): boolean {
  const below = entry.path.slice(withSlash(base).length);
  const job = options.value('j');
  return (
    (entry.type !== 'd' || options.has('d')) &&
    (options.has('a') || !below.split('/').some((part) => part.startsWith('.'))) &&
    (job === undefined || entry.jobid === job) &&
    fits(below)
  );
}

function tell({ options, reply, world }: Call, entry: Entry): void {
  const lfn = entry.type === 'd' ? withSlash(entry.path) : entry.path;
  reply.set('lfn', lfn);
  if (options.has('w') || options.has('f')) {
    const { perm, owner, group: gowner, size, ctimeMs: ctime, guid = '' } = entry;
    for (const [key, value] of Object.entries({ perm, owner, gowner, size, ctime, guid })) reply.set(key, value);
  }
  if (options.has('f')) {
    for (const [key, value] of Object.entries(recordOf(world.catalogue.get, entry))) reply.set(key, value);
  }
  reply.print(options.has('w') ? `${longColumns(entry, world.now(), options.has('h'))}     ${lfn}` : lfn);
  reply.next();
}

/** The rest of the row of the database. */
export function recordOf(get: (path: string) => Entry | undefined, entry: Entry): Record<string, string> {
  const above = get(entry.path.slice(0, entry.path.lastIndexOf('/')) || '/');
  return {
    name: baseName(entry.path),
    aclId: '',
    broken: '0',
    dir: String(above?.id ?? ''),
    entryId: String(entry.id),
    expiretime: entry.expire === undefined ? '' : String(entry.expire),
    guidtime: entry.guid === undefined ? '' : guidTimeColumn(entry.guid),
    md5: entry.md5 ?? '',
    jobid: entry.jobid ?? '-1',
    replicated: '0',
    type: entry.type,
  };
}

export const findCommands = { find };
