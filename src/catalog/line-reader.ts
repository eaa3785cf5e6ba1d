import type { Member } from '../model/manifest.ts';
import { type MemberInJson, memberFromJson } from '../model/manifest-json.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { parseJournalLine } from './journal-line.ts';
import { journalPath, type StateFolder } from './state-folder.ts';

/** Where one member line stands; `length` is without its line end. */
export interface LinePlace {
  readonly run: string;
  readonly offset: number;
  readonly length: number;
}

/** Reads single member lines from the journals of a section. */
export interface LineReader {
  /** The members of these lines, in the same order. Throws `corrupt` for a line that is not sound. */
  members(places: readonly LinePlace[]): Promise<readonly Member[]>;
  close(): Promise<void>;
}

/** Lines that lie close together cost one read; those of many archives lie far apart. */
const windowBytes = 64 << 10;
const mostOpen = 50;

/** A reader over the journals of one section, which stay open until it is closed. */
export function lineReader(state: StateFolder, section: string): LineReader {
  const open = new Map<string, BlockReader>();
  const close = async (): Promise<void> => {
    const readers = [...open.values()];
    open.clear();
    for (const reader of readers) await reader.close();
  };
  return {
    close,
    async members(places) {
      const found: Member[] = new Array(places.length);
      const order = [...places.keys()].sort((a, b) => byPlace(places[a]!, places[b]!));
      for (const at of order) {
        const { run, offset, length } = places[at]!;
        let reader = open.get(run);
        if (reader === undefined) {
          if (open.size >= mostOpen) await close();
          reader = await blockReader(journalPath(state, section, run), windowBytes);
          open.set(run, reader);
        }
        const line = await reader.read({ run, offset, length });
        found[at] = memberFromJson(parseJournalLine(line) as MemberInJson);
      }
      return found;
    },
  };
}

function byPlace(a: LinePlace, b: LinePlace): number {
  if (a.run !== b.run) return a.run < b.run ? -1 : 1;
  return a.offset - b.offset;
}
