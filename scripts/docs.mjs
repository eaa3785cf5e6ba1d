/** `npm run docs`: writes docs/cli.md from the table of commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from './bundle.mjs';
import { prepare, root, runScript } from './prepare.mjs';

await runScript(async () => {
  prepare();
  const { manual } = await bundled({ manual: 'src/cli/manual.ts' });
  writeFileSync(join(root, 'docs/cli.md'), manual());
  return 0;
});
