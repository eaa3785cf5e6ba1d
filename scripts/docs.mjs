/** `npm run docs`: writes docs/cli.md and the man pages from the table of commands, and the JSON Schema of pools from its schema, and names these in package.json. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from './bundle.mjs';
import { prepare, root, runScript } from './prepare.mjs';

await runScript(async () => {
  prepare();
  const { manual, manPages, poolJsonSchema } = await bundled({
    manual: 'src/cli/manual.ts',
    'man-pages': 'src/cli/man-pages.ts',
    'pool-json-schema': 'src/pool/configuration/pool-json-schema.ts',
  });
  writeFileSync(join(root, 'schema/pool.schema.json'), poolJsonSchema());
  writeFileSync(join(root, 'docs/cli.md'), manual());
  const pages = manPages();
  mkdirSync(join(root, 'man'), { recursive: true });
  for (const name of readdirSync(join(root, 'man'))) if (!pages.has(name)) rmSync(join(root, 'man', name));
  for (const [name, text] of pages) writeFileSync(join(root, 'man', name), text);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  manifest.man = [...pages.keys()].map((name) => `./man/${name}`);
  writeFileSync(join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return 0;
});
