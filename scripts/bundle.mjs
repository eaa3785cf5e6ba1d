/** Node 20 runs no TypeScript: what a script needs of the sources is bundled first, below the project, where it finds its packages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './prepare.mjs';

/** All that these modules export, as one object. `entries`: name → source, relative to the project. */
export async function bundled(entries) {
  const { build } = await import('tsdown');
  const folder = mkdtempSync(join(root, '.build-script-'));
  try {
    await build({
      config: false,
      cwd: root,
      entry: entries,
      outDir: folder,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      fixedExtension: true,
      dts: false,
      logLevel: 'error',
      report: false,
    });
    const names = Object.keys(entries);
    const modules = await Promise.all(names.map((name) => import(pathToFileURL(join(folder, `${name}.mjs`)).href)));
    return Object.assign({}, ...modules);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
