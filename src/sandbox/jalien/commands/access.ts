import { chosenElements, readSpecs, type Specs } from '../access-specs.ts';
import { allows, type Entry, type Replica } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { type Access, signedEnvelope } from '../envelope.ts';
import { isGuid } from '../guid.ts';
import { absolute, baseName, parentOf } from '../lfn.ts';
import { pfnOf } from '../new-world.ts';
import type { StorageElement } from '../world.ts';

const dayMs = 86_400_000;

const access: ServerCommand = {
  shape: { flags: ['f', 'u'], values: ['s', 'm', 'j'] },
  least: 2,
  usage: usage(
    'access   [options] <read|write> <lfn> [<specs>]',
    ['-s', 'for write requests, size of the file to be uploaded, when known'],
    ['-m', 'for write requests, MD5 checksum of the file to be uploaded, when known'],
    ['-j', 'for write requests, the job ID that created these files, when applicable'],
    ['-f', 'for read requests, filter replicas to the ones from the specs'],
    ['-u', 'for read requests, use http URLs and encoded envelopes'],
  ),
  run(call) {
    const [kind, given, ...specs] = call.args;
    if (kind !== 'read' && kind !== 'write') return call.reply.fail(22, `Invalid access type requested: ${kind}`);
    const wanted = readSpecs(specs.join(','));
    if (typeof wanted === 'string') return call.reply.fail(22, wanted);
    if (kind === 'read') read(call, given!, wanted);
    // An empty word says nothing: alien.py sends one when it asks how many replicas there would be.
    else if (specs.some((one) => /[^,]/.test(one))) write(call, given!, wanted);
    else write(call, given!, { ...wanted, counts: [{ tag: 'disk', count: 2 }] });
  },
};

function read(call: Call, given: string, specs: Specs) {
  const { catalogue } = call.world;
  const { reply } = call;
  const entry = isGuid(given) ? catalogue.byGuid(given) : given.startsWith('/') ? call.entry(given) : undefined;
  if (entry === undefined) return reply.fail(2, given);
  const archive = entry.archive === undefined ? undefined : catalogue.get(entry.archive);
  const rank = ({ se }: Replica): number =>
    specs.wanted.includes(se.toUpperCase()) ? 0 : specs.excluded.includes(se.toUpperCase()) ? 2 : 1;
  const replicas = [...(archive ?? entry).replicas]
    .filter(({ se }) => !call.options.has('f') || isFiltered(call, se, specs))
    .sort((a, b) => rank(a) - rank(b));
  if (replicas.length === 0 || !allows(entry, call.session.role, 4)) return reply.fail(77, 'No read PFNs');
  for (const { se, pfn } of replicas) {
    const element = call.world.elements.find((one) => one.name === se);
    if (element === undefined) continue;
    tell(call, element, replicas.length, {
      turl: archive === undefined ? pfn : `${pfn}#${baseName(entry.path)}`,
      access: 'read',
      lfn: entry.path,
      guid: entry.guid!,
      ...(archive?.guid === undefined ? {} : { zguid: archive.guid }),
      size: String(entry.size),
      ...(entry.md5 === undefined ? {} : { md5: entry.md5 }),
      se,
    });
  }
}

/** True for an SE that the specs name, or that has a quality which they name. */
function isFiltered({ world }: Call, se: string, { wanted, excluded, counts }: Specs): boolean {
  const name = se.toUpperCase();
  const qos = world.elements.find((one) => one.name === se)?.qos ?? [];
  if (excluded.includes(name)) return false;
  if (wanted.length === 0 && counts.length === 0) return true;
  return wanted.includes(name) || counts.some(({ tag }) => qos.includes(tag));
}

function write(call: Call, given: string, specs: Specs) {
  const { reply, world, options, session } = call;
  if (!given.startsWith('/')) return reply.fail(2, given);
  const lfn = absolute(given, '/', session.home);
  const there = world.catalogue.get(lfn);
  const size = options.value('s');
  const md5 = options.value('m');
  const jobid = options.value('j');
  if (there !== undefined && !isSame(there, size, md5, jobid)) {
    return reply.fail(22, 'You seem to want to write a different file from the existing one in the catalogue');
  }
  const held = there?.replicas.map(({ se }) => se) ?? [];
  const elements = mayWrite(call, lfn) ? chosenElements(world.elements, specs, held) : [];
  if (elements.length === 0) return reply.fail(77, 'No write PFNs');
  const guid = there?.guid ?? world.newGuid();
  for (const element of elements) {
    const pfn = pfnOf(element, guid);
    world.book({
      lfn,
      guid,
      se: element.name,
      pfn,
      size: Number(size ?? 0),
      md5: md5 ?? '',
      user: session.role,
      expiresMs: world.now() + dayMs,
      ...(jobid === undefined ? {} : { jobid }),
    });
    const known = { ...(size === undefined ? {} : { size }), ...(md5 === undefined ? {} : { md5 }) };
    tell(call, element, elements.length, { turl: pfn, access: 'write', lfn, guid, ...known, se: element.name });
  }
}

function isSame(entry: Entry, size = '0', md5 = '', jobid?: string): boolean {
  return entry.type === 'f' && String(entry.size) === size && entry.md5 === md5 && (entry.jobid ?? jobid) === jobid;
}

/** The directory, or the nearest one above it that is there, must be ours to write in. */
function mayWrite({ world, session }: Call, lfn: string): boolean {
  let above = parentOf(lfn);
  while (world.catalogue.get(above) === undefined) above = parentOf(above);
  const entry = world.catalogue.get(above)!;
  return entry.type === 'd' && allows(entry, session.role, 2);
}

function tell({ reply, world, options }: Call, element: StorageElement, count: number, what: Access): void {
  const signed = signedEnvelope(what, world.authority.hostKey, world.now());
  const isHttp = options.has('u');
  const url = isHttp ? what.turl.replace(/^root:/, 'http:') : what.turl;
  const envelope = isHttp ? encodeURIComponent(signed) : signed;
  reply.print(`${url}\nSE: ${element.name} (doesn't need encrypted envelopes)\nSigned envelope:\n${envelope}`);
  const { guid, se, md5, size } = what;
  const known = { ...(md5 === undefined ? {} : { md5 }), ...(size === undefined ? {} : { size }) };
  const all = { envelope, url, guid, se, tags: `[${element.qos.join(', ')}]`, nSEs: count, ...known };
  for (const [key, value] of Object.entries(all)) reply.set(key, value);
  reply.next();
}

export const accessCommands = { access };
