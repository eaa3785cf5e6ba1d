import type { StoredObject } from '../../store/store.ts';
import { type Project, signalOf } from '../project.ts';
import type { Candidate } from './portion.ts';

/** Each candidate with a look at its object, which throws if the store cannot be looked at. `atOnce` are asked about together: one session of HPSS answers for all of them. */
export async function* seenAhead(
  project: Project,
  candidates: readonly Candidate[],
  options: { readonly atOnce: number; readonly signal?: AbortSignal },
): AsyncGenerator<readonly [Candidate, () => StoredObject | undefined]> {
  for (let from = 0; from < candidates.length; from += options.atOnce) {
    const some = candidates.slice(from, from + options.atOnce);
    const looks = await Promise.allSettled(some.map(({ key }) => project.store.stat(key, signalOf(options))));
    for (const [at, candidate] of some.entries()) {
      const look = looks[at]!;
      yield [
        candidate,
        () => {
          if (look.status === 'rejected') throw look.reason;
          return look.value;
        },
      ];
    }
  }
}
