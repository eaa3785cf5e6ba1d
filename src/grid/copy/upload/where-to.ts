import type { Upload } from '../copy-job.ts';

/** Where a file is to be stored, as the central server is asked. */
export interface Wish {
  readonly specs: readonly string[];
  /** How many replicas that are. */
  readonly count: number;
  /** False where nobody said how many: then as many as the server gives are enough. */
  readonly isAsked: boolean;
}

/** Files by which others are steered: they are wanted at many places, and small. As alien.py has it. */
const steering = /\.(sh|C|jdl|xml)$/;
const steeringBytes = 1 << 20;

/** What a job asks for; without a number or a name in it, two replicas on disk, or four of a small file that steers others. */
export function wishOf({ lfn, where }: Pick<Upload, 'lfn' | 'where'>, bytes: number): Wish {
  const asked = where.filter((one) => !one.startsWith('!'));
  if (asked.length > 0) {
    return { specs: where, count: asked.map(numberOf).reduce((a, b) => a + b), isAsked: true };
  }
  const count = steering.test(lfn) && bytes < steeringBytes ? 4 : 2;
  return { specs: [`disk:${count}`, ...where], count, isAsked: false };
}

/** What to ask for in the place of so many that are missing: as many of the same quality, at none that was tried; undefined where only named elements may do. */
export function elsewhere(
  wish: Wish,
  missing: number,
  tried: readonly string[],
  strict: boolean,
): readonly string[] | undefined {
  if (strict) return undefined;
  const qualities = new Set(wish.specs.flatMap((one) => /^(\w+)[:=]\d+$/.exec(one)?.[1] ?? []));
  const quality = qualities.size === 1 ? [...qualities][0]! : 'disk';
  const not = new Set([...wish.specs.filter((one) => one.startsWith('!')), ...tried.map((se) => `!${se}`)]);
  return [`${quality}:${missing}`, ...not];
}

function numberOf(spec: string): number {
  const [, number] = /^\w+[:=](\d+)$/.exec(spec) ?? [];
  return number === undefined ? 1 : Number(number);
}
