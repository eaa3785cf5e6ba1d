import { Readable } from 'node:stream';
import { compareNames, displayName } from '../../model/byte-name.ts';
import { isArchive } from './archive-items.ts';
import type { DayEntry } from './day-entry.ts';
import type { StagedFolder } from './staged-days.ts';

/** An archive as a peer gave it, in whichever form it lies in the day now. */
export interface StagedArchive {
  /** With the path and digest that it had when it was staged, and the place where it, or its first piece, is now. */
  readonly entry: DayEntry;
  /** The names of the pieces that make it, in their order: its own, where it was not split. */
  readonly pieces: readonly string[];
  /** True if it was encrypted: then nobody here can look into it. */
  readonly isEncrypted: boolean;
}

const piece = /^(.+)_\d{5}$/s;
const encrypted = /^(.+)\.gpg$/s;

/** The archives of a day and peer, also those that were encrypted or split since. What a peer itself gave under such a name is what it gave. */
export function stagedArchives({ entries, recorded }: StagedFolder): readonly StagedArchive[] {
  const found: StagedArchive[] = [];
  const pieces = new Map<string, DayEntry[]>();
  const add = (name: string, parts: readonly DayEntry[]) => {
    const [, plain] = encrypted.exec(name) ?? [];
    const isEncrypted = plain !== undefined && recorded?.has(name) !== true;
    const path = isEncrypted ? plain : name;
    if (!isArchive(path)) return;
    const { sha256: own, ...first } = parts[0]!;
    const sha256 = recorded?.get(path)?.sha256 ?? (parts.length === 1 && !isEncrypted ? own : undefined);
    const entry: DayEntry = { ...first, path, ...(sha256 === undefined ? {} : { sha256 }) };
    found.push({ entry, pieces: parts.map((one) => one.path), isEncrypted });
  };
  for (const entry of entries.values()) {
    if (entry.type !== 'file') continue;
    const [, whole] = piece.exec(entry.path) ?? [];
    if (whole === undefined || recorded?.has(entry.path) === true) add(entry.path, [entry]);
    else pieces.set(whole, [...(pieces.get(whole) ?? []), entry]);
  }
  for (const [whole, parts] of pieces) {
    // While the whole is there too, it counts: splitting it was not done.
    if (!entries.has(whole))
      add(
        whole,
        parts.sort((one, other) => compareNames(one.path, other.path)),
      );
  }
  return found;
}

/** What an archive holds, its pieces one behind the other. Throws as `content` does, for the first of them at once. */
export async function archiveContent({ content }: StagedFolder, { pieces }: StagedArchive): Promise<Readable> {
  const first = await content(pieces[0]!);
  if (pieces.length === 1) return first;
  return Readable.from(
    (async function* () {
      yield* first;
      for (const name of pieces.slice(1)) yield* await content(name);
    })(),
    { objectMode: false },
  );
}

/** That an archive may hold what is looked for, and nobody knows. */
export function closedText({ day, peer }: StagedFolder, { entry }: StagedArchive): string {
  return `${day} of '${displayName(peer)}': '${displayName(entry.path)}' is encrypted, and cannot be looked into`;
}
