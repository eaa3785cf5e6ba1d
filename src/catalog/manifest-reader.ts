import { type FileHandle, open } from 'node:fs/promises';
import { fileError, isStowageError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { type MemberInJson, memberFromJson } from '../model/manifest-json.ts';
import type { ArchiveHead } from './archive-record.ts';
import { parseJournalLine } from './journal-line.ts';
import { journalPath, type StateFolder } from './state-folder.ts';

/** Reads what is inside archives from where the journals tell it. */
export interface ManifestReader {
  /** The manifest with its members: one read of its lines. Throws `corrupt` if they are not what was counted. */
  manifestOf(head: ArchiveHead): Promise<Manifest>;
  /** The same for many, in the order of the journals, each journal opened once: the fastest way through all of them. */
  manifests<Told extends { readonly head: ArchiveHead }>(
    all: Iterable<Told>,
  ): AsyncGenerator<readonly [Told, Manifest]>;
}

/** A reader over the journals of one section. */
export function manifestReader(state: StateFolder, section: string): ManifestReader {
  const pathOf = (run: string) => journalPath(state, section, run);
  return {
    async manifestOf(head) {
      if (head.members === 0) return withMembers(head, []);
      const path = pathOf(head.lines.run);
      return withJournal(path, (file) => read(file, head, path));
    },
    async *manifests(all) {
      const sorted = [...all].sort((a, b) => byPlace(a.head, b.head));
      for (let from = 0; from < sorted.length; ) {
        const { run } = sorted[from]!.head.lines;
        let end = from;
        while (end < sorted.length && sorted[end]!.head.lines.run === run) end += 1;
        const path = pathOf(run);
        const file = await opened(path);
        try {
          for (const one of sorted.slice(from, end)) yield [one, await read(file, one.head, path)];
        } finally {
          await file.close();
        }
        from = end;
      }
    },
  };
}

/** Members in a place of their own, in the order in which they stand. */
function byPlace(a: ArchiveHead, b: ArchiveHead): number {
  if (a.lines.run !== b.lines.run) return a.lines.run < b.lines.run ? -1 : 1;
  return a.lines.offset - b.lines.offset;
}

async function withJournal<Answer>(path: string, use: (file: FileHandle) => Promise<Answer>): Promise<Answer> {
  const file = await opened(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function opened(path: string): Promise<FileHandle> {
  return open(fsPath(path), 'r').catch((error: unknown) => {
    throw fileError(`cannot read the journal '${displayName(path)}'`, error, 'run the same command again');
  });
}

async function read(file: FileHandle, head: ArchiveHead, path: string): Promise<Manifest> {
  const { offset, length } = head.lines;
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done).catch((error: unknown) => {
      throw fileError(`cannot read the journal '${displayName(path)}'`, error);
    });
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  const members: Member[] = [];
  try {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0 && end < done; end = bytes.indexOf(10, from)) {
      members.push(memberFromJson(parseJournalLine(bytes, from, end) as MemberInJson));
      from = end + 1;
    }
  } catch (error) {
    if (isStowageError(error, 'corrupt') || error instanceof SyntaxError) throw notAsCounted(head, path, error);
    throw error;
  }
  if (members.length !== head.members) throw notAsCounted(head, path);
  return withMembers(head, members);
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
