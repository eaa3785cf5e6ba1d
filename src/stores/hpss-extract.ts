import type { HpssOptions } from '../hpss/hpss-options.ts';
import { htar } from '../hpss/htar.ts';
import { patiently } from '../hpss/patience.ts';
import { displayName, isUtf8Name } from '../model/byte-name.ts';
import { refuseComplaints } from './htar-complaints.ts';

/** As an argument of htar; it takes members by name alone, and a word that begins with `-` for an option. */
export function isHtarArgument(name: string): boolean {
  return isUtf8Name(name) && !name.startsWith('-');
}

/** How much goes into one command line: a quarter of what Linux lets one argument have, many systems all together. */
const argumentBytes = 32 * 1024;

/**
 * Takes members, by their names in it, out of an archive and puts them below a local directory, as htar does it by its index: it reads only them. What came is the caller's to
 * look at. What may pass is tried again; what lies there is overwritten.
 */
export async function extractByHtar(
  path: string,
  names: readonly string[],
  into: string,
  options: HpssOptions,
): Promise<void> {
  const what = `htar cannot take members out of '${displayName(path)}'`;
  for (let at = 0; at < names.length; ) {
    const some: string[] = [];
    for (let bytes = 0; at < names.length && bytes < argumentBytes; at += 1) {
      some.push(names[at]!);
      bytes += Buffer.byteLength(names[at]!) + 1;
    }
    await patiently(options, async () =>
      refuseComplaints(await htar(['-xpf', path, ...some], { ...options, cwd: into }), what),
    );
  }
}
