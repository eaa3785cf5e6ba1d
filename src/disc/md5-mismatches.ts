import { StowageError } from '../errors.ts';
import { nameFromBytes } from '../model/byte-name.ts';
import { type XorrisoOptions, xorriso } from './xorriso.ts';

const line = /^MD5 MISMATCH: (.*)$/gm;

/**
 * The files of the newest session, with all that it shows of older ones, whose content is not that of the MD5 which was written with them: what
 * finds the file where nobody kept a digest. Slow: everything is read.
 */
export async function md5Mismatches(address: string, options: XorrisoOptions = {}): Promise<readonly string[]> {
  const { stdout, truncated } = await xorriso(
    [
      ['-indev', address],
      ['-check_md5_r', 'SORRY', '/', '--'],
    ],
    { ...options, successStatuses: [0, 32] },
  );
  if (truncated > 0) throw new StowageError('corrupt', 'more files on the disc are damaged than can be listed');
  return [...stdout.toString('latin1').matchAll(line)].map((match) => pathOf(match[1]!));
}

/** A path as xorriso prints it: in quotes as for a shell, with backslash codes for what is no plain character. */
function pathOf(shown: string): string {
  const encoded = shown.replace(/^'|'$/g, '').replaceAll(`'"'"'`, "'");
  const bytes = encoded.replace(
    /\\(?:([0-7]{3})|c(.)|(.))/gs,
    (whole, octal?: string, control?: string, one?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
      return one === undefined ? whole : (short[one] ?? one);
    },
  );
  return nameFromBytes(Buffer.from(bytes, 'latin1')).replace(/^\//, '');
}

const short: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
