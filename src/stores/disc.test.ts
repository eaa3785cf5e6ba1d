import { readdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { findProgram } from '../programs/find-program.ts';
import { storeContract } from '../store/contract.ts';
import { discStore } from './disc.ts';

const hasXorriso = findProgram('xorriso') !== undefined;

async function blank() {
  const folder = await scratchFolder();
  const image = `${folder}/disc.iso`;
  writeFileSync(image, '');
  return { folder, image, store: discStore(image) };
}

needing(hasXorriso).describe('an image keeps the contract', () => {
  const cases = needing(hasXorriso).test.each(storeContract.map((one) => [one.name, one] as const));
  cases('%s', async (_name, one) => {
    const { folder, image, store } = await blank();
    await one.run({ store, reopen: async () => discStore(image), prefix: 'scratch/' });
    expect(leftIn(folder), 'something is left over').toEqual([]);
  });
});

function leftIn(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => !['disc.iso', 'disc.iso.spool'].includes(name),
  );
}
