/** Where a line goes: `result` was asked for, `news` tells what was done, `trouble` must be heard. */
export interface Line {
  readonly kind: 'result' | 'news' | 'trouble';
  readonly text: string;
}
