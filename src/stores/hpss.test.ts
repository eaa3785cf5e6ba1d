import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scratchHpss } from '../../test/scratch-hpss.ts';
import { until } from '../../test/waiting.ts';
import { storeContract } from '../store/contract.ts';
import { hpssStore } from './hpss.ts';

describe.each([
  ['HPSS', {}, /./],
  ['HPSS where moving overwrites', { moveOverwrites: true }, /taken|replacement|again|several are published/],
  ['HPSS that lists on standard output', { listingsOn: 'standard output' }, /seen whole/],
] as const)('%s keeps the contract', (_, settings, which) => {
  const cases = storeContract.filter(({ name }) => which.test(name));
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const hpss = await scratchHpss(settings);
    const root = `${hpss.home}/vault`;
    mkdirSync(hpss.local(root));
    const open = () => hpssStore(root, hpss.options);
    await one.run({ store: open(), reopen: async () => open(), prefix: 'scratch/' });
    expect(waiting(hpss.local(root)), 'something is left over').toEqual([]);
    // A stream that was kept for a next range goes after a while.
    await until('the folder for temporary files is empty', () => readdirSync(`${hpss.folder}/tmp`).length === 0);
  });
});

/** What lies in the waiting folder. */
function waiting(root: string): readonly string[] {
  try {
    return readdirSync(`${root}/.stowage/tmp`, { recursive: true }) as string[];
  } catch {
    return [];
  }
}
