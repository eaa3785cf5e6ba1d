import { StowageError } from '../errors.ts';

/** The sample that `5%` (of all) or `100` (archives) stands for. Throws `usage`. */
export function parseSampleSize(given: string): { readonly share: number } | { readonly archives: number } {
  const [, number = '', percent = ''] = /^(\d+(?:\.\d+)?)(%?)$/.exec(given.trim()) ?? [];
  const value = number === '' ? 0 : Number(number);
  if (percent === '%' && value > 0 && value <= 100) return { share: value / 100 };
  if (percent === '' && Number.isSafeInteger(value) && value > 0) return { archives: value };
  throw new StowageError('usage', `'${given}' is not the size of a sample`, {
    hint: 'a share or a number of archives: --sample 5% or --sample 100',
  });
}
