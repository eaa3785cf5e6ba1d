import { nameToBytes } from '../model/byte-name.ts';
import type { Output, Reporter } from './reporter.ts';

const end = Buffer.from([0]);

/** Of what is found the paths alone, as they are, each ended by a NUL and told once: a list for programs. All else is told by `inner`. */
export function foundPaths(output: Output, inner: Reporter): Reporter {
  let last: string | undefined;
  return {
    ...inner,
    event(event) {
      if (event.kind !== 'found') return inner.event(event);
      const { path } = event.found.member;
      // What several archives hold is found in each, one after the other.
      if (path === last) return;
      last = path;
      output.out(Buffer.concat([nameToBytes(path), end]));
    },
  };
}
