import { displayName } from '../../model/byte-name.ts';
import { createWriter, discOf } from '../discs/pool-disc.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { extensionEvent, sectionOf } from './extension-event.ts';

/**
 * Looks how full the disc is that the section store writes, and fails the run where it is fuller than the configuration allows: by percent used, or by
 * bytes that are free. Writes nothing. Throws `configuration` without a section store, and what opening the drive or image throws.
 */
export async function* executeCapacity(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { maxPercentage, minBytes } = sectionOf(run.configuration.sections.capacity, 'capacity');
  const { targetDevice } = discOf(run.configuration);
  const writer = await createWriter(run.configuration, run.files);
  const { total, used, available } = await writer.retrieveCapacity(run.signal ? { signal: run.signal } : {});
  const percent = (used / total) * 100;
  const about = { path: targetDevice, bytes: available };
  const state = `[${displayName(targetDevice)}] is ${percent.toFixed(1)} % full: ${available} of ${total} bytes are free`;
  yield extensionEvent('capacity', 'info', 'told', `The disc in ${state}.`, about);
  if (maxPercentage !== undefined && percent > maxPercentage) {
    yield extensionEvent(
      'capacity',
      'error',
      'told',
      `The disc in ${state}; it may be ${maxPercentage} % full.`,
      about,
    );
  }
  if (minBytes !== undefined && available < minBytes) {
    yield extensionEvent('capacity', 'error', 'told', `The disc in ${state}; it should be ${minBytes}.`, about);
  }
}
