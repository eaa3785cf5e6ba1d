import { type Grafted, graftTree } from '../../disc/graft-tree.ts';
import { scratchFolder } from '../../durable/scratch-folder.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { StowageError } from '../../errors.ts';
import { displayName, nameToJson } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { parentOf } from '../../model/relative-path.ts';
import { indicators } from '../indicators.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { digestOf } from '../staging/present.ts';
import type { StagedDay } from '../stored/staged-day.ts';
import { writeStoreIndicator } from '../stored/store-indicator.ts';
import { explained } from './damaged-since.ts';
import { discEvent, sizeText } from './disc-event.ts';
import { type OnEarlierDiscs, onEarlierDiscs } from './on-earlier-discs.ts';
import { packed } from './packed.ts';
import type { PoolDisc } from './pool-disc.ts';
import { beginSession, recordOnDisc, requireAllOn, writeSession } from './write-days.ts';

export interface SpanOptions {
  /** Asks somebody for the next disc, and resolves when it lies in the drive. Absent where nobody can be asked. */
  readonly nextDisc?: ((number: number, of: number) => Promise<void>) | undefined;
}

interface SpanTask {
  readonly action: string;
  readonly mediaLabel: string;
  /** What earlier discs hold is written again. */
  readonly rebuildMedia: boolean;
  readonly marks: boolean;
}

/** Where the index of a span lies on each of its discs. */
export const spanIndex = 'CedarBackup/span.jsonl';

/** What one item takes besides its content: its directory record with its names, in blocks. */
const overhead = 2 * 2048;
/** What a session takes besides its items: descriptors, checksums, the table of paths; and the index. */
const cushion = 1024 * 1024;

/**
 * Writes days to several discs, each begun anew, each with an index of what is on which. A file is never divided. What earlier discs of a span that was killed hold is not written again. A day is
 * marked when all of it is on discs.
 */
export async function* spanDays(
  run: PoolRun,
  disc: PoolDisc,
  days: readonly StagedDay[],
  { action, mediaLabel, rebuildMedia, marks, nextDisc }: SpanOptions & SpanTask,
): AsyncGenerator<PoolEvent> {
  const { signal } = run;
  const isImage = (await disc.look()).isImage;
  const earlier = numbered(rebuildMedia ? new Map() : await onEarlierDiscs(run, days));
  const items = [
    ...(
      await graftTree(
        days.map(({ folder, day }) => ({ from: folder, at: day })),
        signal,
      )
    ).values(),
  ];
  const wanted = itemsOf(items, days).filter(({ path }) => !earlier.members.has(path));
  const { available } = await disc.writer.retrieveCapacity({ entireDisc: true, ...(signal && { signal }) });
  const sizeOf = ({ bytes }: Grafted) => Math.ceil(bytes / 2048) * 2048 + overhead;
  const discs = packed(wanted, sizeOf, available - cushion - items.length * 300, (item) => {
    const sizes = `[${sizeText(item.bytes)}] does not fit in available capacity [${sizeText(available)}]`;
    return new StowageError('full', `'${displayName(item.path)}' ${sizes}: a file is never divided.`, {
      hint: 'cut it by the extension split, or take a larger medium',
    });
  });
  const of = earlier.discs + discs.length;
  if (!isImage && nextDisc === undefined && discs.length > 0) {
    throw new StowageError('refused', `${discs.length} discs are needed, and nobody is there to change them`, {
      hint: 'run it at a terminal: stowage pool store CONFIG --span',
    });
  }
  const digests = await digestsFor(days, wanted);
  const index = (number: number) => [
    JSON.stringify({ format: 1, label: mediaLabel, disc: number, discs: of }),
    ...[...earlier.members].map(([path, one]) => indexLine(one.disc, path, one.member.bytes, one.member.sha256)),
    ...discs.flatMap((inside, at) =>
      inside.map(({ path, bytes }) => indexLine(earlier.discs + at + 1, path, bytes, digests.get(path))),
    ),
    '',
  ];
  for (const [at, inside] of discs.entries()) {
    const number = earlier.discs + at + 1;
    if (!isImage) await nextDisc!(number, of);
    const work = await scratchFolder(run.files, run.configuration.options.workingDir, '.stowage-span-');
    try {
      const indexFile = `${work.path}/span.jsonl`;
      await writeWhole(run.files, indexFile, index(number).join('\n'), { replace: false, mode: 0o644 });
      const grafts = [...inside.map(({ from, path }) => ({ from, at: path })), { from: indexFile, at: spanIndex }];
      beginSession(disc, { newDisc: true, mediaLabel: `${mediaLabel} ${number}-${of}`, grafts });
      const written = yield* explained(days, writeSession(run, disc, action, { newDisc: true, digests }));
      const now = await disc.look();
      for (const day of days) {
        const there = inside.flatMap(({ path }) => day.members.get(inDay(path, day)) ?? []);
        const members = requireAllOn(day, there, now, (path) => written.get(`${day.day}/${path}`));
        if (members.size > 0) await recordOnDisc(run, disc, action, day, members, now, true);
      }
      const text = `Disc ${number} of ${of} is written, and was read back: [${mediaLabel} ${number}-${of}].`;
      yield discEvent(action, 'info', 'told', text, { files: inside.length });
    } finally {
      await work.remove();
    }
  }
  for (const { day, folder, stagedNs, members } of days) {
    if (marks) await writeStoreIndicator(run, new Map([[folder, stagedNs]]));
    const text = `The day ${day} is on ${of} discs.`;
    yield discEvent(action, 'info', 'done', text, { day, files: members.size });
  }
}

/** What lies on earlier discs, by path on the disc, and the number of each disc. */
function numbered(earlier: OnEarlierDiscs) {
  const members = new Map<string, { readonly disc: number; readonly member: Member }>();
  const labels: string[] = [];
  for (const [{ day }, there] of earlier) {
    for (const [path, { disc, member }] of there) {
      if (!labels.includes(disc)) labels.push(disc);
      members.set(`${day}/${path}`, { disc: labels.indexOf(disc) + 1, member });
    }
  }
  return { discs: labels.length, members };
}

function inDay(path: string, { day }: StagedDay): string {
  return path.startsWith(`${day}/`) ? path.slice(day.length + 1) : '';
}

/** What goes to the discs: files and links, directories that hold nothing; not `cback.store`. */
function itemsOf(all: readonly Grafted[], days: readonly StagedDay[]): readonly Grafted[] {
  const full = new Set(all.map(({ path }) => parentOf(path)));
  const stores = new Set(days.map(({ day }) => `${day}/${indicators.store}`));
  return all.filter(({ path, type }) => !stores.has(path) && !(type === 'directory' && full.has(path)));
}

async function digestsFor(days: readonly StagedDay[], items: readonly Grafted[]): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const { path, type, from } of items) {
    if (type !== 'file') continue;
    const known = days.map((day) => day.members.get(inDay(path, day))?.sha256).find((one) => one !== undefined);
    digests.set(path, known ?? (await digestOf(from)));
  }
  return digests;
}

function indexLine(disc: number, path: string, bytes: number, sha256: string | undefined): string {
  return JSON.stringify({ disc, ...nameToJson(path), bytes, ...(sha256 === undefined ? {} : { sha256 }) });
}
