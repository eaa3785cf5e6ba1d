import { durationText, sizeText } from '../../../report/quantities.ts';

/** How far copying is. */
export interface CopyProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly failed: number;
  readonly bytes: number;
  /** Undefined where it is not known of each file. */
  readonly totalBytes: number | undefined;
}

/** One line that tells how far copying is: share, files, bytes, rate, time left. */
export function copyProgressText(
  { files, totalFiles, failed, bytes, totalBytes }: CopyProgress,
  seconds: number,
): string {
  const byBytes = totalBytes !== undefined && totalBytes > 0;
  const [done, total] = byBytes ? [bytes, totalBytes] : [files, totalFiles];
  const share = total === 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const parts = [`${Math.floor(100 * share)}%`, `${files}/${totalFiles} files`];
  if (failed > 0) parts.push(`${failed} failed`);
  parts.push(byBytes ? `${sizeText(bytes)} of ${sizeText(totalBytes)}` : sizeText(bytes));
  if (seconds >= 1) {
    if (bytes > 0) parts.push(`${sizeText(Math.round(bytes / seconds))}/s`);
    if (share > 0 && share < 1) parts.push(`${durationText(((1 - share) * seconds) / share)} left`);
  }
  return `copying  ${parts.join('  ')}`;
}

/** A line at the bottom of a terminal that is written over, at most ten times a second. */
export interface MovingLine {
  show(text: () => string): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

/** A moving line; nothing at all without a terminal. `now` in milliseconds. */
export function movingLine(
  terminal: { write(text: string): void; columns(): number } | undefined,
  now: () => number,
): MovingLine {
  let last = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(text) {
      if (terminal === undefined || now() - last < 100) return;
      last = now();
      isShown = true;
      terminal.write(`\r\x1b[K${text().slice(0, Math.max(20, terminal.columns() - 1))}`);
    },
    clear() {
      if (isShown) terminal?.write('\r\x1b[K');
      isShown = false;
      last = Number.NEGATIVE_INFINITY;
    },
  };
}
