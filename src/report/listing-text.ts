import { displayName } from '../model/byte-name.ts';
import type { EntryType } from '../model/entry.ts';
import type { Event } from '../verbs/events.ts';
import type { CompleteListing } from '../verbs/listing/listing-event.ts';
import { countText, durationText, numberText, sizeText } from './quantities.ts';

const nouns: { readonly [type in EntryType]: readonly [string, string] } = {
  file: ['file', 'files'],
  directory: ['directory', 'directories'],
  link: ['link', 'links'],
  fifo: ['pipe', 'pipes'],
  socket: ['socket', 'sockets'],
  'character-device': ['character device', 'character devices'],
  'block-device': ['block device', 'block devices'],
};

const makers = { scan: 'a scan', find: 'find', gpfs: 'a GPFS policy' } as const;

/** What a scan found, how fast, and where the listing lies. */
export function scannedText({ listing, milliseconds, looked }: Event & { readonly kind: 'scanned' }): string {
  const { section, counts, unseen, folder, source } = listing;
  const types = (Object.keys(nouns) as EntryType[])
    .filter((type) => counts[type] > 0)
    .map((type) => countText(counts[type], ...nouns[type]));
  const blind = unseen === 0 ? '' : `; ${countText(unseen, 'place')} could not be looked at`;
  const seconds = milliseconds / 1000;
  const rate = seconds >= 0.1 ? ` (${numberText(Math.round(looked / seconds))}/s)` : '';
  const how = source === 'scan' ? '' : `, made by ${makers[source]}`;
  return [
    `${displayName(section)}: ${types.join(', ') || 'nothing'}; ${sizeText(counts.bytes)}${blind}`,
    `${displayName(section)}: ${countText(looked, 'entry', 'entries')} in ${durationText(seconds)}${rate}; the listing lies in ${displayName(folder)}${how}`,
  ].join('\n');
}

/** That a report goes by a listing and not by what is on disk now. */
export function listingUsedText({ section, begunAt, source, resumed }: CompleteListing): string {
  const also = resumed ? ', by a scan that was stopped and went on later' : '';
  return `${displayName(section)}: by the listing of ${begunAt}, made by ${makers[source]}${also}; what changed since is not in it`;
}

/** How a list of another program stood up to being looked at. */
export function listCheckedText(event: Event & { readonly kind: 'list-checked' }): string {
  const { section, source, looked, differing, outside } = event;
  const beside = outside === 0 ? '' : `; ${countText(outside, 'entry lies', 'entries lie')} elsewhere and are left out`;
  const told = `the list by ${makers[source]} was checked; ${countText(looked, 'entry', 'entries')} looked at on disk, ${numberText(differing)} differ`;
  return `${displayName(section)}: ${told}${beside}`;
}
