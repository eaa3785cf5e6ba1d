import { constants } from 'node:fs';
import { access, lstat, readlink, realpath } from 'node:fs/promises';
import { plainReason, systemCode } from '../errors.ts';
import { fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Entry } from '../model/entry.ts';
import { baseOf, joinPath, parentOf } from '../model/relative-path.ts';
import type { RefusalReason } from '../plan/finding.ts';
import { entryOf } from '../scan/entry-of.ts';
import type { DiskLook } from './explained-path.ts';
import { isPartialName } from './restore/partial-name.ts';

type Found =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly full: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unseen'; readonly reason: string };

/**
 * What a path is on the disks, as a scan of these places would find it, and why it would be refused if it goes into `archive`. Never throws:
 * that it cannot be looked at is an answer here.
 */
export async function lookAtPath(
  path: string,
  places: readonly string[],
  archive: string | undefined,
): Promise<DiskLook> {
  const looks = await Promise.all(places.map((place) => look(place, path, places)));
  const entries = looks.flatMap((one) => (one.kind === 'entry' ? [one] : []));
  const first = entries[0];
  if (first === undefined) {
    const unseen = looks.find((one) => one.kind === 'unseen');
    return unseen === undefined ? { kind: 'absent', places } : { kind: 'unseen', reason: unseen.reason };
  }
  const { type, bytes, target } = first.entry;
  const refusal = await refusalOf(entries, archive);
  return {
    kind: 'there',
    places: entries.map(({ full }) => full),
    type,
    bytes,
    ...(target === undefined ? {} : { target }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

async function look(place: string, path: string, places: readonly string[]): Promise<Found> {
  const full = joinPath(place, path);
  try {
    const entry = entryOf(place, path, await lstat(fsPath(full), { bigint: true }));
    // A scan follows no link: what lies behind one is found on the disk where it is.
    if ((await realOf(parentOf(full))) !== joinPath(await realOf(place), parentOf(path))) return { kind: 'absent' };
    if (entry === undefined) return { kind: 'unseen', reason: 'its size is beyond 2^53 bytes' };
    if (entry.type !== 'link') return { kind: 'entry', entry, full };
    const others = await Promise.all(
      places.filter((one) => one !== place).map((one) => realOf(joinPath(one, path)).catch(() => '')),
    );
    const leadsTo = await realOf(full).catch(() => undefined);
    if (leadsTo !== undefined && others.includes(leadsTo)) return { kind: 'absent' };
    const target = nameFromBytes(await readlink(fsPath(full), { encoding: 'buffer' }));
    return { kind: 'entry', entry: { ...entry, target }, full };
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'absent' }
      : { kind: 'unseen', reason: plainReason(error) };
  }
}

async function refusalOf(
  found: readonly { readonly entry: Entry; readonly full: string }[],
  archive: string | undefined,
): Promise<RefusalReason | undefined> {
  const { entry, full } = found[0]!;
  if (entry.type === 'directory') return undefined;
  if (isPartialName(baseOf(entry.path))) return { kind: 'leftover' };
  if (archive === undefined) return undefined;
  if (found.length > 1) return { kind: 'several-disks', disks: found.map((one) => one.entry.disk) };
  if (entry.type === 'link') return archive.endsWith('.tar') ? undefined : { kind: 'link-as-plain', archive };
  if (entry.type !== 'file') return { kind: 'special', type: entry.type };
  try {
    await access(fsPath(full), constants.R_OK);
    return undefined;
  } catch (error) {
    return { kind: 'unreadable', reason: plainReason(error) };
  }
}

async function realOf(path: string): Promise<string> {
  return nameFromBytes(await realpath(fsPath(path), { encoding: 'buffer' }));
}
