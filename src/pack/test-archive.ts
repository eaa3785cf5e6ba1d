import type { IndexedItem, Member } from '../model/manifest.ts';
import type { Content, PackedStream, PackItem } from './pack-item.ts';
import type { PackOptions } from './pack-options.ts';
import { tarIndex } from './tar-index.ts';
import { packPlain, packTar } from './tar-writer.ts';

/** For tests: an item whose content lies in memory. */
export function memoryItem(fields: Partial<Member> & { path: string }, content?: Uint8Array): PackItem {
  const file: Content = {
    kind: 'stored',
    async open() {
      return pieces(content ?? new Uint8Array(), 1000);
    },
  };
  const member = {
    type: 'file' as const,
    bytes: content?.length ?? 0,
    mtimeNs: 1_700_000_000_123_456_789n,
    mode: 0o644,
    uid: 1000,
    gid: 1000,
    ...fields,
  };
  const own = member.type === 'file' && member.hardLink === undefined;
  return { member, content: own ? file : { kind: 'none' } };
}

/** For tests: bytes as a stream. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** For tests: everything that a packing gives. */
export async function drained(stream: Pick<PackedStream, 'chunks'>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of stream.chunks) all.push(Buffer.from(chunk)); // its memory is used again
  return Buffer.concat(all);
}

/** For tests: a stream of items, whose result has all members. Of several names of a file the first is the one that others are links to. */
export function packItems(items: readonly PackItem[], options: PackOptions) {
  const shared = new Set(items.map((item) => item.member.hardLink));
  const steps = items.map((item) => ({
    item: shared.has(item.member.path) ? { ...item, shared: true as const } : item,
  }));
  return withMembers((onMember) => packTar(steps, { ...options, onMember }));
}

/** For tests: the same for a plain archive. */
export function packPlainItem(item: PackItem, options: PackOptions) {
  return withMembers((onMember) => packPlain(item, { ...options, onMember }));
}

function withMembers(pack: (onMember: (member: Member) => void) => PackedStream) {
  const members: Member[] = [];
  const stream = pack((member) => void members.push(member));
  return { ...stream, result: () => ({ ...stream.result(), members }) };
}

/** For tests: a tar in memory, and its members. */
export async function packed(items: readonly PackItem[], options: PackOptions = { settle: false }) {
  const stream = packItems(items, options);
  const archive = await drained(stream);
  return { archive, ...stream.result() };
}

/** For tests: what an archive in memory holds. */
export async function indexed(archive: Uint8Array): Promise<IndexedItem[]> {
  const found: IndexedItem[] = [];
  for await (const item of tarIndex(async (start, end) => archive.subarray(start, end), archive.length))
    found.push(item);
  return found;
}

/** For tests: the members of an archive in memory. */
export async function indexedMembers(archive: Uint8Array): Promise<Member[]> {
  return (await indexed(archive)).flatMap((item) => (item.kind === 'member' ? [item.member] : []));
}
