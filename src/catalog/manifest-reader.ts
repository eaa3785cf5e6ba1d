import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { type MemberInJson, memberFromJson } from '../model/manifest-json.ts';
import type { ArchiveHead } from './archive-record.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { isSoundLine, parseSoundLine } from './journal-line.ts';
import { journalPath, type StateFolder } from './state-folder.ts';

/** Reads what is inside archives from where the journals tell it. */
export interface ManifestReader {
  /** The manifest with its members: one read of its lines. Throws `corrupt` if they are not what was counted. */
  manifestOf(head: ArchiveHead): Promise<Manifest>;
  /** The same for many, in the order of the journals, each journal opened once: the fastest way through all of them. */
  manifests<Told extends { readonly head: ArchiveHead }>(
    all: Iterable<Told>,
  ): AsyncGenerator<readonly [Told, Manifest]>;
  /** As `manifests`, each with its member lines as they stand, one behind the other, and seen to be sound. Good until the next one is asked for. */
  blocks<Told extends { readonly head: ArchiveHead }>(all: Iterable<Told>): AsyncGenerator<readonly [Told, SoundLines]>;
}

/** Member lines of one archive. */
export interface SoundLines {
  readonly bytes: Buffer;
  /** Where each line ends: the place of its line end. */
  readonly ends: readonly number[];
}

/** A reader over the journals of one section. */
export function manifestReader(state: StateFolder, section: string): ManifestReader {
  const pathOf = (head: ArchiveHead) => journalPath(state, section, head.lines.run);
  async function* blocks<Told extends { readonly head: ArchiveHead }>(all: Iterable<Told>) {
    let run: string | undefined;
    let reader: BlockReader | undefined;
    try {
      for (const one of [...all].sort((a, b) => byPlace(a.head, b.head))) {
        if (one.head.lines.run !== run) {
          await reader?.close();
          reader = undefined;
          run = one.head.lines.run;
          reader = await blockReader(pathOf(one.head));
        }
        yield [one, soundLines(await reader!.read(one.head.lines), one.head, pathOf(one.head))] as const;
      }
    } finally {
      await reader?.close();
    }
  }
  return {
    blocks,
    async manifestOf(head) {
      if (head.members === 0) return withMembers(head, []);
      const path = pathOf(head);
      const reader = await blockReader(path, 0);
      try {
        return manifest(head, soundLines(await reader.read(head.lines), head, path), path);
      } finally {
        await reader.close();
      }
    },
    async *manifests(all) {
      for await (const [one, lines] of blocks(all)) yield [one, manifest(one.head, lines, pathOf(one.head))];
    },
  };
}

/** In the order in which they stand. */
function byPlace(a: ArchiveHead, b: ArchiveHead): number {
  if (a.lines.run !== b.lines.run) return a.lines.run < b.lines.run ? -1 : 1;
  return a.lines.offset - b.lines.offset;
}

function soundLines(bytes: Buffer, head: ArchiveHead, path: string): SoundLines {
  const ends: number[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    if (!isSoundLine(bytes, from, end)) throw notAsCounted(head, path);
    ends.push(end);
    from = end + 1;
  }
  if (ends.length !== head.members) throw notAsCounted(head, path);
  return { bytes, ends };
}

function manifest(head: ArchiveHead, { bytes, ends }: SoundLines, path: string): Manifest {
  try {
    let from = 0;
    const members = ends.map((end): Member => {
      const member = memberFromJson(parseSoundLine(bytes, from, end) as MemberInJson);
      from = end + 1;
      return member;
    });
    return withMembers(head, members);
  } catch (error) {
    if (isStowageError(error, 'corrupt') || error instanceof SyntaxError) throw notAsCounted(head, path, error);
    throw error;
  }
}

function withMembers(head: ArchiveHead, members: readonly Member[]): Manifest {
  const { lines: _, contentMembers: __, contentBytes: ___, ...rest } = head;
  return { ...rest, members };
}

/** The lines were sound when the record was opened: since then the journal was replaced, or the disk failed. */
function notAsCounted(head: ArchiveHead, path: string, cause?: unknown): StowageError {
  return new StowageError(
    'corrupt',
    `the members of '${displayName(head.key)}' cannot be read from the journal '${displayName(path)}' as they stood there before`,
    {
      hint: 'run the same command again; if it stays so, stowage rebuild-catalog CONFIG makes the record anew from the store',
      facts: { journal: path, offset: head.lines.offset },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
