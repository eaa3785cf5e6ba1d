import { readFileSync } from 'node:fs';
import { nameFromBytes } from '../model/byte-name.ts';

const replaced = '\ufffd';

/**
 * The words of the command line as names, byte for byte. Node puts U+FFFD for each byte that is not UTF-8, so that a file could not be named at
 * all, or another one was; the kernel still has the bytes. Where it cannot be asked, the words are as Node has them.
 */
export function rawArguments(argv: readonly string[]): readonly string[] {
  if (!argv.some((word) => word.includes(replaced))) return argv;
  const all = kernelWords();
  return all.length < argv.length ? argv : all.slice(all.length - argv.length);
}

function kernelWords(): readonly string[] {
  try {
    return nameFromBytes(readFileSync('/proc/self/cmdline')).split('\0').slice(0, -1);
  } catch {
    // No /proc, as on macOS, where names are UTF-8.
    return [];
  }
}
