import { lockPath } from '../catalog/state-folder.ts';
import { holderState } from '../durable/holder.ts';
import { breakLock } from '../durable/lock.ts';
import { readLock } from '../durable/lock-holder.ts';
import { StowageError } from '../errors.ts';
import type { Event } from './events.ts';
import { type Project, sectionOf } from './project.ts';

/** Removes the lock of a section, or of all that the configuration has: another may share the state folder. Throws `locked` where its holder is alive on this machine: that run must be ended first. */
export async function* unlock(project: Project, options: { readonly section?: string } = {}): AsyncGenerator<Event> {
  const all = project.configuration.sections.keys();
  const sections = options.section === undefined ? [...all] : [sectionOf(project, options.section).name];
  for (const section of sections) {
    const path = lockPath(project.state, section);
    const holder = await readLock(path);
    if (holder !== undefined && holder !== 'unreadable' && holderState(holder) === 'alive') {
      throw new StowageError(
        'locked',
        `section '${section}' is locked by process ${holder.pid}, which is alive on this machine`,
        {
          hint: `end it first: kill ${holder.pid}`,
          facts: { pid: holder.pid, host: holder.host, since: holder.since },
        },
      );
    }
    const broken = await breakLock(project.files, path);
    const text =
      broken === undefined || broken === 'unreadable'
        ? broken
        : `process ${broken.pid} on ${broken.host} since ${broken.since}`;
    yield { kind: 'unlocked', section, holder: text };
  }
}
