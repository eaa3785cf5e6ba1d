import type { Check } from './check.ts';
import { clockCheck } from './clock.ts';
import { configurationCheck } from './configuration.ts';
import { contractCheck } from './contract.ts';
import { fsyncCheck } from './fsync.ts';
import { limitsCheck } from './limits.ts';
import { linksCheck } from './links.ts';
import { memoryCheck } from './memory.ts';
import { namesCheck } from './names.ts';
import { nodeCheck } from './node.ts';
import { rootCheck } from './root.ts';
import { spaceCheck } from './space.ts';
import { writableCheck } from './writable.ts';

/** What `doctor` examines, in the order in which a fault explains those below it. A kind of store adds its own behind. */
export const checks: readonly Check[] = [
  nodeCheck,
  memoryCheck,
  limitsCheck,
  configurationCheck,
  rootCheck,
  spaceCheck,
  writableCheck,
  fsyncCheck,
  linksCheck,
  namesCheck,
  clockCheck,
  contractCheck,
];
