/** `npm run docs`: writes docs/cli.md from the table of commands. Node 20 runs no TypeScript, so the table is bundled first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root, runScript } from './prepare.mjs';

await runScript(async () => {
  prepare();
  const { build } = await import('tsdown');
  const folder = mkdtempSync(join(tmpdir(), 'stowage-docs-'));
  try {
    await build({
      config: false,
      cwd: root,
      entry: { manual: 'src/cli/manual.ts' },
      outDir: folder,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      fixedExtension: true,
      dts: false,
      logLevel: 'error',
      report: false,
    });
    const { manual } = await import(pathToFileURL(join(folder, 'manual.mjs')).href);
    writeFileSync(join(root, 'docs/cli.md'), manual());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
