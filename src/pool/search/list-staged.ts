import { isStowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { baseOf, isWithin } from '../../model/relative-path.ts';
import { isIndicator } from '../indicators.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { withoutEarlier } from '../staging/keep-earlier.ts';
import { archiveItems } from './archive-items.ts';
import { type DayEntry, entryName } from './day-entry.ts';
import { archiveContent, closedText, stagedArchives } from './staged-archives.ts';
import { stagedFolders, type Where } from './staged-days.ts';

/**
 * Tells which day and peer hold a file, the newest first: a staged one by its name or path, or one inside of an archive by the path that it had on its
 * machine, such as `/etc/passwd`. Without names, every file. What was stored and is not staged any more is told with the disc or store that has it.
 */
export async function* listStaged(
  run: PoolRun,
  names: readonly string[],
  where: Where = {},
): AsyncGenerator<PoolEvent> {
  const unseen = new Set(names);
  const unread = new Set<string>();
  let closed = 0;
  const wanted = names
    .map((name) => ({ name, path: name.replace(/^\/+|\/+$/g, '') }))
    .filter(({ path }) => path !== '');
  for await (const folder of stagedFolders(run, where)) {
    const { day, peer, entries } = folder;
    const about = { kind: 'pool', action: 'list', level: 'info', deed: 'found', day, peer } as const;
    const found = (path: string, shown: string, { bytes, stored }: DayEntry): PoolEvent => ({
      ...{ ...about, path, bytes: bytes ?? 0 },
      ...(stored === undefined ? {} : { place: stored.place }),
      text: `${day}  ${peer}  ${shown}${stored === undefined ? '' : `  [${displayName(stored.place)}]`}`,
    });
    const named = (path: string) =>
      names.find((one) => [path, withoutEarlier(path)].some((name) => name === one || baseOf(name) === one));
    for (const entry of entries.values()) {
      const { path, type } = entry;
      const name = named(path);
      if (type === 'directory' || (names.length === 0 ? isIndicator(baseOf(path)) : name === undefined)) continue;
      if (name !== undefined) unseen.delete(name);
      yield found(path, entryName(entry), entry);
    }
    for (const staged of stagedArchives(folder)) {
      const { entry: archive, pieces } = staged;
      // What was encrypted or split since is known by the name that it had, too.
      const itself = names.find((one) => archive.path === one || baseOf(archive.path) === one);
      if (itself !== undefined && !entries.has(archive.path)) {
        unseen.delete(itself);
        yield found(archive.path, `${displayName(archive.path)}, as ${shownPieces(pieces)}`, archive);
      }
      // To read discs takes long: for a path of a machine alone, which stands in no record.
      const inside = wanted.filter(({ name }) => archive.stored === undefined || name.startsWith('/'));
      if (inside.length === 0) continue;
      if (staged.isEncrypted) {
        if (!inside.some(({ name }) => name.startsWith('/'))) continue;
        closed += 1;
        const text = closedText(folder, staged);
        yield { ...about, level: 'warning', deed: 'told', path: archive.path, text, failed: false };
        continue;
      }
      try {
        const file = await archiveContent(folder, staged);
        for await (const { item } of archiveItems(archive.path, archive.sha256, file)) {
          if (item.kind !== 'member' || item.member.type === 'directory') continue;
          const { path, bytes } = item.member;
          const one = inside.find((other) => isWithin(path, other.path));
          if (one === undefined) continue;
          unseen.delete(one.name);
          yield found(`/${path}`, `${displayName(archive.path)}  /${displayName(path)}`, { ...archive, bytes });
        }
      } catch (error) {
        // A disc that is not at hand keeps nothing else from being looked at.
        if (archive.stored === undefined || !isStowageError(error, 'missing', 'corrupt', 'unavailable')) throw error;
        if (error.code === 'missing' && archive.stored.archives === undefined) unread.add(archive.stored.place);
        else yield { ...about, level: 'error', deed: 'failed', place: archive.stored.place, text: error.message };
      }
    }
  }
  for (const place of unread) {
    const text = `[${displayName(place)}]: it was not looked into (put it in, or name the image: --medium PATH)`;
    yield { kind: 'pool', action: 'list', level: 'warning', deed: 'failed', place, text, failed: true };
  }
  for (const name of unseen) {
    const isClosed = (closed > 0 || unread.size > 0) && name.startsWith('/');
    const where = isClosed ? 'in nothing that can be looked into' : 'in no day that is staged or stored here';
    const text = `'${displayName(name)}' is ${where}`;
    yield { kind: 'pool', action: 'list', level: 'error', deed: 'failed', path: name, text };
  }
}

function shownPieces(pieces: readonly string[]): string {
  const [first, last] = [pieces[0]!, pieces.at(-1)!].map((one) => displayName(baseOf(one)));
  return pieces.length === 1 ? first! : `${first} … ${last}`;
}
