import type { Policy } from '../verbs/missing.ts';
import { type Call, type Option, optionalText } from './command.ts';
import { parseSize } from './size.ts';

export const policyOptions: readonly Option[] = [
  { flags: '--size-limit <size>', description: 'make no archive whose members hold more than this', default: '1T' },
  {
    flags: '--allow-shrink',
    description:
      'replace an archive even where members that are gone from disk cannot be read from it; they are lost then',
  },
];

/** The policy that the options say. Throws `usage` for a size that is none. */
export function policyOf(call: Call): Policy {
  return {
    sizeLimit: parseSize(optionalText(call, 'sizeLimit') ?? '1T'),
    allowShrink: call.flags.allowShrink === true,
  };
}
