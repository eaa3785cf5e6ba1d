import { describe, test } from 'vitest';

const ci = !['', '0', 'false', undefined].includes(process.env.CI);

/**
 * `test` and `describe` for what this machine may lack: skipped where `there` is false, except with CI=true, where they run and
 * so fail. The one place that may skip; `npm test` names what is absent and how to install it.
 */
export function needing(there: boolean) {
  const skipped = !there && !ci;
  return { test: test.skipIf(skipped), describe: describe.skipIf(skipped) };
}
