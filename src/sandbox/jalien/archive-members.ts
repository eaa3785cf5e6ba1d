import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { Entry } from './catalogue.ts';
import { contentOf } from './content.ts';
import { baseName, parentOf } from './lfn.ts';
import type { World } from './world.ts';

/** A file in an archive. */
interface Packed {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Puts the members of a zip archive into the catalogue, beside it or into another directory that is there: files whose replicas are those of the archive. Answers their entries. Throws for what is no archive, or has no replica that
 * can be read here.
 */
export function registerMembers(world: World, archive: Entry, directory: string = parentOf(archive.path)): Entry[] {
  const { catalogue } = world;
  const content = contentOf(world, archive);
  if (content === undefined) throw new Error(`no replica of ${archive.path} can be read here`);
  return membersOf(content)
    .filter(({ name }) => !name.endsWith('/'))
    .map(({ name, bytes }) => {
      const path = `${directory === '/' ? '' : directory}/${baseName(name)}`;
      const { owner, group, perm, ctimeMs } = archive;
      return catalogue.put({
        path,
        type: 'f',
        owner,
        group,
        perm,
        ctimeMs,
        size: bytes.length,
        md5: createHash('md5').update(bytes).digest('hex'),
        guid: world.newGuid(),
        replicas: [],
        archive: archive.path,
      });
    });
}

/** By the central directory (APPNOTE.TXT 4.3): stored and deflated members of archives below 4 GiB. */
function membersOf(zip: Buffer): readonly Packed[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('this is no zip archive');
  const members: Packed[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed, header] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const bytes = zip.subarray(from, from + packed);
    members.push({
      name: zip.subarray(at + 46, at + 46 + name!).toString('utf8'),
      bytes: method === 8 ? inflateRawSync(bytes) : bytes,
    });
    at += 46 + name! + extra! + comment!;
  }
  return members;
}
