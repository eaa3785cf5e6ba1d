import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type UserConfig } from 'tsdown';

/**
 * Packages that are taken in, with what they need themselves: as they are installed they are a hundred files and more, and to find and read these takes longer than all else
 * that a nightly backup needs for its start. docs/decisions/0019-packages-that-are-taken-in.md
 */
const bundled = [
  ...['zod', 'commander', 'jsonc-parser', 'fast-xml-parser', '@nodable/entities', 'anynum', 'is-unsafe'],
  ...['path-expression-matcher', 'strnum', 'xml-naming'],
];

const shared: UserConfig = {
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  // What else package.json names as a dependency is left to be found at run time.
  deps: { alwaysBundle: bundled, onlyBundle: bundled },
  report: false,
  // jsonc-parser's `main` is of a form that cannot be taken in.
  inputOptions: { resolve: { mainFields: ['module', 'main'] } },
};

/** Their terms, which ask to be passed on with them. */
function licenses(): string {
  const texts = bundled.map((name) => {
    const folder = join('node_modules', name);
    const { version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const by = typeof author === 'string' ? author : author?.name;
    return `${name} ${version}, ${license}${by === undefined ? '' : `, ${by}`}\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8')}`;
  });
  return texts.join(`\n${'='.repeat(72)}\n\n`);
}

/** The command and the public entries, as ES modules in dist. What they share, and what a command loads late, lies in chunks of its own. */
const stowage: UserConfig = {
  ...shared,
  hooks: { 'build:done': ({ options }) => writeFileSync(join(options.outDir, 'licenses.txt'), licenses()) },
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
    cback3: 'src/dropins/cback3/cback3.ts',
    'md5-task': 'src/grid/copy/upload/md5-task.ts',
    'disk-scan-task': 'src/dropins/hpsspy/disk-scan-task.ts',
    'small-task': 'src/pool/staging/small-task.ts',
    'large-task': 'src/pool/staging/large-task.ts',
    'map-task': 'src/dropins/hpsspy/map-task.ts',
  },
  fixedExtension: true,
  outputOptions: {
    codeSplitting: {
      groups: [{ name: 'base', test: /\/src\/(errors|(model|durable|programs)\/[a-z-]+)(?<!\.d)\.ts$/ }],
    },
  },
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
          test: /\/src\/((errors|version)\.ts|model\/(byte-name|clock)|durable\/read-if-there|grid\/(?!storage-)[a-z-]+\.ts|grid\/connection\/|grid\/credentials\/(certificate|certificate-names|credential|private-key|read-pem|authorities|likely-authorities)\.ts|dropins\/alien\/(main|process-main|interpreter|printer|server-command|send-options|outcome|grammar|aliases|command-line|suggest|client-commands|open-grid)\.ts)|package\.json/,
        },
      ],
    },
  },
};

/** `missing_from_hpss` by itself, for the same reason: what it takes to look at 200,000 files is as little as four times its start. */
const missing: UserConfig = {
  ...shared,
  entry: { 'missing-from-hpss': 'src/dropins/hpsspy/missing-from-hpss.ts' },
  fixedExtension: true,
  clean: false,
  dts: false,
};

export default defineConfig([stowage, alien, missing, ...standIns]);
