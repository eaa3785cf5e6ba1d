import { isStowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { baseOf, isWithin } from '../../model/relative-path.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { archiveItems, isArchive } from './archive-items.ts';
import { type DayEntry, stagedFolders, type Where } from './staged-days.ts';

/**
 * Tells which day and peer hold a file, the newest first: a staged one by its name or path, or one inside of an archive by the path that it had on its
 * machine, such as `/etc/passwd`. Without names, every file. What was stored and is not staged any more is told with the disc that has it.
 */
export async function* listStaged(
  run: PoolRun,
  names: readonly string[],
  where: Where = {},
): AsyncGenerator<PoolEvent> {
  const unseen = new Set(names);
  const unread = new Set<string>();
  const wanted = names
    .map((name) => ({ name, path: name.replace(/^\/+|\/+$/g, '') }))
    .filter(({ path }) => path !== '');
  for await (const { day, peer, entries, content } of stagedFolders(run, where)) {
    const about = { kind: 'pool', action: 'list', level: 'info', deed: 'found', day, peer } as const;
    const found = (path: string, shown: string, { bytes, stored }: DayEntry): PoolEvent => ({
      ...{ ...about, path, bytes: bytes ?? 0 },
      ...(stored === undefined ? {} : { place: stored.place }),
      text: `${day}  ${peer}  ${shown}${stored === undefined ? '' : `  [${displayName(stored.place)}]`}`,
    });
    for (const entry of entries.values()) {
      const { path, type } = entry;
      const name = names.find((one) => path === one || baseOf(path) === one);
      if (type === 'directory' || (names.length > 0 && name === undefined)) continue;
      if (name !== undefined) unseen.delete(name);
      yield found(path, displayName(path), entry);
    }
    for (const archive of entries.values()) {
      if (archive.type !== 'file' || !isArchive(archive.path)) continue;
      // To read discs takes long: for a path of a machine alone, which stands in no record.
      const inside = wanted.filter(({ name }) => archive.stored === undefined || name.startsWith('/'));
      if (inside.length === 0) continue;
      try {
        const file = await content(archive.path);
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
        if (archive.stored === undefined || !isStowageError(error, 'missing')) throw error;
        unread.add(archive.stored.place);
      }
    }
  }
  for (const place of unread) {
    const text = `[${displayName(place)}] is not at hand, and was not looked into: --medium PATH names it`;
    yield { kind: 'pool', action: 'list', level: 'warning', deed: 'failed', place, text, failed: true };
  }
  for (const name of unseen) {
    const text = `'${displayName(name)}' is in no day that is staged or stored here`;
    yield { kind: 'pool', action: 'list', level: 'error', deed: 'failed', path: name, text };
  }
}
