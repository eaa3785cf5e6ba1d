import { defineConfig } from 'tsdown';

/** The command and the public entries, as ES modules in dist. What they share, and what a command loads late, lies in chunks of its own. */
export default defineConfig({
  entry: {
    main: 'src/cli/main.ts',
    index: 'src/index.ts',
    store: 'src/store-entry.ts',
    rules: 'src/rules-entry.ts',
    'digest-worker': 'src/pack/digest-worker.ts',
    thread: 'src/threads/thread.ts',
    'scan-task': 'src/scan/scan-task.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  fixedExtension: true,
  dts: { entry: ['src/index.ts', 'src/store-entry.ts', 'src/rules-entry.ts'], sourcemap: false },
  sourcemap: false,
  // Only what package.json names as a dependency is left to be found at run time.
  deps: { onlyBundle: [] },
  report: false,
});
