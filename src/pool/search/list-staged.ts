import { displayName } from '../../model/byte-name.ts';
import { baseOf, isWithin } from '../../model/relative-path.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { archiveItems, isArchive } from './archive-items.ts';
import { stagedFolders, type Where } from './staged-days.ts';

/**
 * Tells which day and peer hold a file, the newest first: a staged one by its name or path, or one inside of an archive by the path that it had on its
 * machine, such as `/etc/passwd`. Without names, every staged file.
 */
export async function* listStaged(
  run: PoolRun,
  names: readonly string[],
  where: Where = {},
): AsyncGenerator<PoolEvent> {
  const unseen = new Set(names);
  for await (const { day, peer, path: folder, entries } of stagedFolders(run, where)) {
    const about = { kind: 'pool', action: 'list', level: 'info', deed: 'found', day, peer } as const;
    for (const { path, type, bytes = 0 } of entries.values()) {
      const name = names.find((one) => path === one || baseOf(path) === one);
      if (type === 'directory' || (names.length > 0 && name === undefined)) continue;
      if (name !== undefined) unseen.delete(name);
      yield { ...about, path, bytes, text: `${day}  ${peer}  ${displayName(path)}` };
    }
    const inside = names.map((name) => ({ name, path: name.replace(/^\/+|\/+$/g, '') }));
    if (inside.length === 0) continue;
    for (const archive of entries.values()) {
      if (archive.type !== 'file' || !isArchive(archive.path)) continue;
      for await (const { item } of archiveItems(`${folder}/${archive.path}`, archive.sha256)) {
        if (item.kind !== 'member') continue;
        const { path, bytes } = item.member;
        const found = inside.find((one) => one.path !== '' && isWithin(path, one.path));
        if (found === undefined || item.member.type === 'directory') continue;
        unseen.delete(found.name);
        yield {
          ...about,
          path: `/${path}`,
          bytes,
          text: `${day}  ${peer}  ${displayName(archive.path)}  /${displayName(path)}`,
        };
      }
    }
  }
  for (const name of unseen) {
    const text = `'${displayName(name)}' is in no day that is staged here`;
    yield { kind: 'pool', action: 'list', level: 'error', deed: 'failed', path: name, text };
  }
}
