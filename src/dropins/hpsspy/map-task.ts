import type { Section } from '../../rules/section.ts';
import { type SectionData, sectionFromData } from '../../rules/section-data.ts';
import type { Task } from '../../threads/order.ts';
import { type BoundedFates, boundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { type MapContext, type MappedBlock, mapBlock } from './map-block.ts';

/** A block of a cache, to be mapped in a thread. */
export interface MapOrder extends Omit<MapContext, 'section' | 'fates'> {
  readonly block: CsvBlock;
  readonly section: SectionData;
}

let known: { readonly data: string; readonly section: Section; readonly fates: BoundedFates } | undefined;

/** Maps a block. A thread gets many of one section: its patterns are compiled once. */
const mapTask: Task<MapOrder, MappedBlock> = ({ block, section, ...context }) => {
  const data = JSON.stringify(section);
  if (known?.data !== data) {
    const compiled = sectionFromData(section);
    known = { data, section: compiled, fates: boundedFates(compiled) };
  }
  const mapped = mapBlock(block, { ...context, ...known });
  return { output: mapped, transfer: [mapped.text.buffer as ArrayBuffer] };
};

export default mapTask;
