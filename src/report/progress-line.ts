import type { Progress } from '../verbs/project.ts';
import { countText, durationText, sizeText } from './quantities.ts';

const words: { readonly [stage in Progress['stage']]: string } = {
  scan: 'scanning',
  archive: 'archiving',
  verify: 'verifying',
  restore: 'restoring',
  rebuild: 'rebuilding',
  index: 'indexing',
};

/** One line that says how far a stage is: share, items, bytes, rate, time left. `seconds` since the stage began. */
export function progressText(progress: Progress, seconds: number): string {
  const { stage, items, bytes, totalItems, totalBytes } = progress;
  const parts: string[] = [];
  const [done, total] = totalBytes ? [bytes, totalBytes] : [items, totalItems ?? 0];
  if (total > 0) parts.push(`${Math.min(100, Math.floor((100 * done) / total))}%`);
  if (items > 0) parts.push(totalItems === undefined ? countText(items, 'entry', 'entries') : `${items}/${totalItems}`);
  if (bytes > 0)
    parts.push(totalBytes === undefined ? sizeText(bytes) : `${sizeText(bytes)} of ${sizeText(totalBytes)}`);
  if (seconds >= 1) {
    parts.push(bytes > 0 ? `${sizeText(bytes / seconds)}/s` : `${Math.round(items / seconds)}/s`);
    if (total > done && done > 0) parts.push(`${durationText(((total - done) * seconds) / done)} left`);
  }
  return `${words[stage]}  ${parts.join('  ')}`;
}

/** A line at the bottom of a terminal that is written over. `now` in milliseconds. */
export interface ProgressLine {
  show(progress: Progress): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

/** A progress line; nothing at all unless `animate`. At most ten times a second. */
export function progressLine(
  write: (text: string) => void,
  animate: boolean,
  width: () => number,
  now: () => number,
): ProgressLine {
  let stage: Progress['stage'] | undefined;
  let began = 0;
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show(progress) {
      if (!animate) return;
      const time = now();
      if (progress.stage !== stage) {
        stage = progress.stage;
        began = time;
      } else if (time - last < 100) {
        return;
      }
      last = time;
      shown = true;
      write(`\r\x1b[K${progressText(progress, (time - began) / 1000).slice(0, Math.max(20, width() - 1))}`);
    },
    clear() {
      if (shown) write('\r\x1b[K');
      shown = false;
    },
  };
}
