import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const sources = fileURLToPath(new URL('../src', import.meta.url));

/** Puts some folders and files of `src` into `into` as JavaScript that Node 20 runs, for tests that need processes of their own. */
export async function plainModules(into: string, parts: readonly string[]): Promise<void> {
  await writeFile(join(into, 'package.json'), '{"type":"module"}');
  for (const part of parts) {
    const names = part.endsWith('.ts')
      ? [part]
      : (await readdir(join(sources, part)))
          .filter((name) => /(?<!\.test)\.ts$/.test(name))
          .map((name) => `${part}/${name}`);
    for (const name of names) {
      const { outputText } = ts.transpileModule(await readFile(join(sources, name), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
        },
      });
      const target = join(into, name.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, outputText);
    }
  }
}
