import { readFileSync } from 'node:fs';
import { nameFromBytes } from '../../model/byte-name.ts';

/** The arguments behind the program's path, byte by byte: Node loses bytes that are not UTF-8, the kernel does not. */
export function rawArguments(argv: readonly string[]): readonly string[] {
  const own = argv.slice(2);
  if (!own.some((word) => word.includes('\ufffd'))) return own;
  const all = nameFromBytes(readFileSync('/proc/self/cmdline')).split('\0').slice(0, -1);
  return all.slice(all.length - own.length);
}
