import { defineConfig, type UserConfig } from 'tsdown';

const shared: UserConfig = {
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  // Only what package.json names as a dependency is left to be found at run time.
  deps: { onlyBundle: [] },
  report: false,
};

/** The command and the public entries, as ES modules in dist. What they share, and what a command loads late, lies in chunks of its own. */
const stowage: UserConfig = {
  ...shared,
  entry: {
    main: 'src/cli/main.ts',
    index: 'src/index.ts',
    store: 'src/store-entry.ts',
    rules: 'src/rules-entry.ts',
    hpss: 'src/hpss-entry.ts',
    pool: 'src/pool-entry.ts',
    disc: 'src/disc-entry.ts',
    grid: 'src/grid-entry.ts',
    'digest-worker': 'src/pack/digest-worker.ts',
    thread: 'src/threads/thread.ts',
    'scan-task': 'src/scan/scan-task.ts',
    'batch-task': 'src/verbs/archive/batch-task.ts',
    'spread-task': 'src/verbs/survey/spread-task.ts',
    'plan-task': 'src/verbs/survey/plan-task.ts',
    'missing-from-hpss': 'src/dropins/hpsspy/missing-from-hpss.ts',
    cback3: 'src/dropins/cback3/cback3.ts',
    'md5-task': 'src/grid/copy/upload/md5-task.ts',
    'disk-run-task': 'src/dropins/hpsspy/disk-run-task.ts',
    'map-task': 'src/dropins/hpsspy/map-task.ts',
  },
  fixedExtension: true,
  dts: {
    entry: [
      'src/index.ts',
      'src/store-entry.ts',
      'src/rules-entry.ts',
      'src/hpss-entry.ts',
      'src/pool-entry.ts',
      'src/disc-entry.ts',
      'src/grid-entry.ts',
    ],
    sourcemap: false,
  },
};

/**
 * The stand-ins, each in a file of its own so that they start fast, and with the names that they stand in for. Never in package.json's `bin`: they
 * must not hide the real ones.
 */
const standIns = ['hsi', 'htar'].map(
  (name): UserConfig => ({
    ...shared,
    entry: { [`sandbox/bin/${name}`]: `src/sandbox/hpss/bin-${name}.ts` },
    outExtensions: () => ({ js: '' }),
    clean: false,
    dts: false,
  }),
);

/** `alien.py` by itself: in few files, because each that is loaded takes time, and `alien.py pwd` is called thousands of times by scripts. */
const alien: UserConfig = {
  ...shared,
  entry: { alien: 'src/dropins/alien/alien.ts' },
  fixedExtension: true,
  clean: false,
  dts: false,
  outputOptions: {
    codeSplitting: {
      groups: [
        {
          name: 'alien-start',
          test: /\/src\/((errors|version)\.ts|model\/(byte-name|clock)|durable\/read-if-there|grid\/(?!storage-)[a-z-]+\.ts|grid\/connection\/|grid\/credentials\/(certificate|credential|private-key|read-pem|authorities)\.ts|dropins\/alien\/(main|process-main|interpreter|outcome|grammar|aliases|command-line|suggest|client-commands|open-grid)\.ts)|package\.json/,
        },
      ],
    },
  },
};

export default defineConfig([stowage, alien, ...standIns]);
