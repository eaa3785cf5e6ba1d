import type { FileOperations } from '../../durable/file-operations.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { writeWhole } from '../../durable/whole-file.ts';

/** In which week each weekly thing was collected last, by its path: `YYYY/MM/DD` of the week's first day. */
export type WeeklyMemory = ReadonlyMap<string, string>;

const format = 'stowage-pool-weekly';

/** Reads what is remembered; nothing where there is no file, or a damaged one. */
export async function readWeekly(path: string): Promise<WeeklyMemory> {
  const text = await readIfThere(path);
  if (text === undefined) return new Map();
  try {
    const { weeks, ...head } = JSON.parse(text);
    return head.format === format ? new Map(Object.entries(weeks)) : new Map();
  } catch {
    return new Map();
  }
}

/** Writes what is to be remembered, whole and durable. */
export async function writeWeekly(files: FileOperations, path: string, memory: WeeklyMemory): Promise<void> {
  const text = `${JSON.stringify({ format, version: 1, weeks: Object.fromEntries(memory) })}\n`;
  await writeWhole(files, path, text, { replace: true, mode: 0o600 });
}

/** Whether something weekly is due. `missed`: its week began without it. */
export function weeklyDue(
  startsToday: boolean,
  full: boolean,
  thisWeek: string,
  last: string | undefined,
): 'due' | 'missed' | 'no' {
  if (full || startsToday) return 'due';
  // Who was never seen may have been collected by Cedar Backup: it waits for its day.
  return last !== undefined && last < thisWeek ? 'missed' : 'no';
}
