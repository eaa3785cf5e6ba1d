import { deserialize, serialize } from 'node:v8';
import { type SectionData, sectionData, sectionFromData } from '../../rules/section-data.ts';
import type { Task } from '../../threads/order.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { type MapContext, type MappedBlock, mapBlock, mapContext } from './map-block.ts';

/** A block of a cache, to be mapped. */
export interface MapOrder extends CsvBlock {
  /** What is the same for all blocks: made once, and read by each thread once. */
  readonly context: SharedArrayBuffer;
}

type ContextData = Pick<MapContext, 'held' | 'detail'> & { readonly section: SectionData };

/** The context as what threads share. */
export function sharedContext({ section, held, detail }: MapContext): SharedArrayBuffer {
  const bytes = serialize({ section: sectionData(section), held, detail } satisfies ContextData);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

let known: MapContext | undefined;

/** Maps a block in a thread, all of whose blocks have the same context. */
const mapTask: Task<MapOrder, MappedBlock> = ({ context, ...block }) => {
  known ??= contextOf(context);
  const output = mapBlock(block, known);
  return { output, transfer: [output.text.buffer as ArrayBuffer] };
};

function contextOf(shared: SharedArrayBuffer): MapContext {
  const { section: data, ...rest } = deserialize(Buffer.from(new Uint8Array(shared))) as ContextData;
  return mapContext({ section: sectionFromData(data), ...rest });
}

export default mapTask;
