import type { Problem } from '../rules/problem.ts';
import type { PoolEvent } from './pool-event.ts';

/** What `stowage pool` has to say: problems of the configuration, and what the actions do. */
export type PoolReport = PoolEvent | { readonly kind: 'problem'; readonly problem: Problem };
