import { temporaryFolder } from '../durable/temporary-folder.ts';
import { askOnce } from '../hpss/ask.ts';
import { getTmpdir } from '../hpss/hpss-dir.ts';
import type { HpssFile } from '../hpss/hpss-file.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { htar } from '../hpss/htar.ts';
import { htarEntries } from '../hpss/htar-entries.ts';
import { htarItems } from '../hpss/htar-index.ts';
import { displayName, nameToBytes } from '../model/byte-name.ts';
import { parentOf } from '../model/relative-path.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { PackLimits, PackMember } from '../store/pack-limits.ts';
import type { Written } from '../store/store.ts';
import { objectOfFile } from './hpss-object.ts';
import { type HpssPlaces, indexSuffix } from './hpss-places.ts';
import { removePaths, unlikeCurrent } from './hpss-write.ts';
import { htarFailed, refuseComplaints } from './htar-complaints.ts';
import { newToken } from './waiting-files.ts';

/** htar's: a header of ustar has no more room for names, and eleven octal digits for a size. */
export function htarLimits(members = 1_000_000): PackLimits {
  return { memberBytes: 68_719_476_735, nameBytes: 99, prefixBytes: 154, targetBytes: 99, members };
}

/**
 * Has htar bundle exactly these members of a local directory under a temporary name. Neither its status nor `HTAR SUCCESSFUL` is believed alone: no warning was printed, the index is there, and what it lists is the members, each with its type
 * and size. After a failure nothing waits, if HPSS lets it be removed.
 */
export async function packByHtar(
  places: HpssPlaces,
  look: (path: string) => Promise<HpssFile | undefined>,
  key: StoreKey,
  base: string,
  members: readonly PackMember[],
  options: HpssOptions & { readonly mostMembers: number },
): Promise<Written> {
  const token = `h${newToken(key)}`;
  const path = places.waitingObject(token);
  const what = `htar cannot make '${displayName(key)}'`;
  const folder = await temporaryFolder(getTmpdir(options));
  try {
    await askOnce([{ text: `mkdir -p ${hsiWord(parentOf(path))}` }], { ...options, what });
    const list = await folder.write('members', Buffer.concat(members.map((one) => nameToBytes(`${one.path}\n`))));
    const most = options.mostMembers > 1_000_000 ? ['-M', String(options.mostMembers)] : [];
    // As HPSSPy calls it: a CRC for each member, and all of it verified.
    const argv = ['-cf', path, ...most, '-H', 'crc:verify=all', '-L', list];
    refuseComplaints(await htar(argv, { ...options, cwd: base }), what);
    await refuseOthers(path, members, what, options);
    const [now, index, current] = await Promise.all(
      [path, path + indexSuffix, places.object(key)].map((one) => look(one)),
    );
    if (index === undefined) throw htarFailed(`${what}: there is no index beside it`);
    const file = await unlikeCurrent(places, look, key, path, options, { now, current });
    const content = members.reduce((sum, { bytes }) => sum + 512 + 512 * Math.ceil(bytes / 512), 0);
    if (file.stSize < content)
      throw htarFailed(`${what}: it has ${file.stSize} bytes, its members alone need ${content}`);
    return { key, token, object: objectOfFile(key, file) };
  } catch (error) {
    // The first error is the one that matters; what cannot be removed is debris for the next run.
    const left = [path, path + indexSuffix];
    await removePaths(left, { ...options, retries: 0, downWaitSeconds: 0 }).catch(() => undefined);
    throw error;
  } finally {
    await folder.remove();
  }
}

/** What the index lists must be the members, no more and no less. */
async function refuseOthers(
  path: string,
  members: readonly PackMember[],
  what: string,
  options: HpssOptions,
): Promise<void> {
  const expected = new Map(members.map((member) => [member.path, member]));
  for (const item of htarItems(await htarEntries(path, options), options.zone)) {
    const name = displayName(item.path);
    if (item.kind === 'foreign') throw htarFailed(`${what}: it holds '${name}', ${item.what}`);
    const member = expected.get(item.path);
    if (member === undefined) throw htarFailed(`${what}: it holds '${name}', which was not asked for, or twice`);
    expected.delete(item.path);
    if (member.type !== item.type || member.bytes !== item.bytes)
      throw htarFailed(`${what}: '${name}' is in it as a ${item.type} of ${item.bytes} bytes, not ${member.bytes}`);
  }
  const [left] = expected.keys();
  if (left !== undefined)
    throw htarFailed(
      `${what}: ${expected.size} of its ${members.length} members are left out, '${displayName(left)}' first`,
    );
}
