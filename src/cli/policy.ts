import { StowageError } from '../errors.ts';
import type { Policy } from '../verbs/missing.ts';
import { type Call, type Option, optionalText } from './command.ts';
import { parseSize } from './size.ts';

export const policyOptions: readonly Option[] = [
  { flags: '--size-limit <size>', description: 'make no archive whose members hold more than this', default: '1T' },
  {
    flags: '--split',
    description: 'split an archive that would hold more by whole members: x.part0001.tar, x.part0002.tar',
  },
  {
    flags: '--allow-shrink',
    description:
      'replace an archive even where members that are gone from disk cannot be read from it; they are lost then',
  },
];

/** For commands that list archives. */
export const pageOption: Option = {
  flags: '--page <number>',
  description: 'which part of a long list to print, 1,000 archives each; 0 prints all of it (--json always does)',
  default: '1',
};

/** The page that the option asks for, the first if the command has no such option; undefined for what is no page. */
export function pageOf({ page }: Call['flags']): number | undefined {
  if (typeof page !== 'string') return 1;
  return /^\d{1,9}$/.test(page) ? Number(page) : undefined;
}

/** Throws `usage` unless the page is one. */
export function requirePage({ flags }: Call): void {
  if (pageOf(flags) === undefined) {
    throw new StowageError('usage', `--page must be a number, not '${flags.page}'`, { hint: '0 prints all pages' });
  }
}

/** The policy that the options say. Throws `usage` for a size that is none. */
export function policyOf(call: Call): Policy {
  return {
    sizeLimit: parseSize(optionalText(call, 'sizeLimit') ?? '1T'),
    allowShrink: call.flags.allowShrink === true,
    ...(call.flags.split === true ? { split: true } : {}),
  };
}
