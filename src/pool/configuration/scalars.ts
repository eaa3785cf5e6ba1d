import { z } from 'zod';
import { pythonPattern } from '../../rules/python-pattern.ts';
import { plainPeerName } from '../peers/peer-name.ts';

/** Text without the blanks around it. A NUL can stand in no path and no argument. */
export const text = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine((value) => !value.includes('\0'), 'holds a NUL');

export const absolutePath = text.regex(/^\//, 'must be an absolute path');

/** A store as a URL. Nothing is relative here: a backup has no current directory. */
export const storeUrl = text.regex(/^[a-z][a-z0-9+.-]*:\/./i, 'must be the URL of a store: dir:/path, hpss:/path');

/** One plain name of a host and a directory: it must not climb out of the day, nor be taken for an option. */
export const peerName = text.regex(
  plainPeerName,
  'must be the plain name of a host: letters, digits, dots, hyphens and underscores',
);

/** A command: words, which double quotes keep together. */
export const command = text.refine(
  (value) => value.split('"').length % 2 === 1,
  'has a double quote that is not closed',
);

export const actionName = text.regex(/^[a-z0-9]+$/, 'must be lower-case letters and digits');

/** Yes and no, as in the XML or as JSON has them. */
export const yesNo = z
  .union([z.boolean(), z.enum(['Y', 'y', 'N', 'n'], "must be 'Y' or 'N'")], "must be 'Y' or 'N'")
  .transform((value) => (typeof value === 'boolean' ? value : /^y$/i.test(value)));

/** A whole number of at least `least`, as a number or as text. */
export function wholeNumber(least: number) {
  const message = least === 0 ? 'must be a whole number' : `must be a whole number of at least ${least}`;
  return z
    .union([z.int().min(least), z.string().regex(/^\s*\+?[0-9]+\s*$/, message)], message)
    .transform(Number)
    .refine((value) => value >= least && Number.isSafeInteger(value), message);
}

const notNegative = 'must be a number, not negative';

/** A number that is not negative, with a point or without. */
export const fraction = z
  .union([z.number().min(0), z.string().regex(/^\s*(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*$/, notNegative)], notNegative)
  .transform(Number);

const quantity = "must be a number of bytes, or one with 'KB', 'MB' or 'GB'";
const factors: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** A number of bytes: `4096`, `2.5 GB`. */
export const byteQuantity = z
  .union(
    [z.number().min(0), z.string().regex(/^\s*(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*(?:[KMG]B)?\s*$/, quantity)],
    quantity,
  )
  .transform((value) => {
    if (typeof value === 'number') return Math.round(value);
    const [, number, unit] = /^\s*([0-9.]+)\s*([KMG]B)?/.exec(value)!;
    return Math.round(Number(number) * factors[unit ?? '']!);
  });

/** Words in a list, or in one text with commas between them. */
export const words = z
  .union([z.array(text), z.string()])
  .transform((value) => (typeof value === 'string' ? value.split(',') : value).map((one) => one.trim()))
  .transform((value) => value.filter((one) => one !== ''));

/** The names of actions, in a list or in one text. */
export const actionNames = words.refine((value) => value.every((one) => /^[a-z0-9]+$/.test(one)), {
  message: 'must be names of actions: lower-case letters and digits',
});

/** A regular expression of Python's. */
export const pattern = text.superRefine((value, context) => {
  try {
    pythonPattern(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression: ${(error as Error).message}` });
  }
});
