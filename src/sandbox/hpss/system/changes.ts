import { readdirSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import { attributesOf, forgetAttributes, type HeldObject, resetAttributes } from './attributes.ts';
import { attempt, HpssError } from './hpss-error.ts';
import { entriesOf, find, look, parentOf } from './namespace.ts';
import { nowMs, type System } from './system.ts';

/** Makes a directory; with `parents` those above it too, and then it may be there. Throws `HpssError`. */
export function makeDirectory(system: System, path: string, options: { mode?: number; parents?: boolean } = {}): void {
  const { parents = false, mode } = options;
  const above = path.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
  if (parents && above !== '') makeDirectory(system, above, { parents: true, ...(mode === undefined ? {} : { mode }) });
  const { path: real, local, object } = look(system, path, true);
  if (object !== undefined) {
    if (parents && object.type === 'd') return;
    throw new HpssError('EEXIST', path);
  }
  const parent = attributesOf(system, parentOf(system, real));
  attempt(path, () => system.disk.makeDirectory(local));
  if (system.disk.isReal) system.disk.setTimes(local, nowMs(system));
  const { user, group, uid } = system.settings;
  const inherits = (parent.mode & 0o2000) !== 0;
  resetAttributes(system, local, {
    owner: user,
    group: inherits ? parent.group : group,
    account: uid,
    mode: (mode ?? 0o755) | (inherits ? 0o2000 : 0),
    service: 0,
    createdMs: nowMs(system),
    accessedMs: nowMs(system),
    onDisk: true,
  });
}

/** Removes a file or a link, or with `recursive` a directory with all that it holds. */
export function remove(system: System, object: HeldObject, recursive = false): void {
  parentOf(system, object.path);
  if (object.type === 'd') {
    if (!recursive) throw new HpssError('EISDIR', object.path);
    for (const [, inner] of entriesOf(system, object)) remove(system, inner, true);
    removeDirectory(system, object);
    return;
  }
  attempt(object.path, () => system.disk.removeFile(object.local));
  forgetAttributes(system, object);
}

/** Removes an empty directory. */
export function removeDirectory(system: System, object: HeldObject): void {
  if (object.type !== 'd') throw new HpssError('ENOTDIR', object.path);
  parentOf(system, object.path);
  if (system.disk.isReal && readdirSync(fsPath(object.local)).length > 0) {
    throw new HpssError('ENOTEMPTY', object.path);
  }
  attempt(object.path, () => system.disk.removeDirectory(object.local));
  forgetAttributes(system, object);
}

/** Gives an object another name, in a place that is there. */
export function move(system: System, object: HeldObject, to: string): void {
  const { path, local, object: there } = look(system, to, false);
  parentOf(system, object.path);
  if (there !== undefined) {
    if (!system.settings.moveOverwrites || there.type === 'd') throw new HpssError('EEXIST', to);
    remove(system, there);
  }
  parentOf(system, path);
  attempt(to, () => system.disk.move(object.local, local));
}

/** Bytes of all files. */
export function usedBytes(system: System, directory: HeldObject = find(system, '/')): number {
  return entriesOf(system, directory).reduce(
    (sum, [, one]) => sum + (one.type === 'd' ? usedBytes(system, one) : one.type === '-' ? one.bytes : 0),
    0,
  );
}
