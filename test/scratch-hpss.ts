import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HpssOptions } from '../src/hpss/hpss-options.ts';
import type { FaultRule } from '../src/sandbox/hpss/faults.ts';
import type { Settings } from '../src/sandbox/hpss/system/settings.ts';
import { defaultSettings } from '../src/sandbox/hpss/system/settings.ts';
import { builtCli } from './built-cli.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A scratch HPSS whose programs are real processes: the built stand-ins. */
export interface ScratchHpss {
  /** To be exported as HPSS_DIR. */
  readonly folder: string;
  /** Where relative paths begin. */
  readonly home: string;
  /** Patient enough for a test: nothing is waited for. */
  readonly options: HpssOptions;
  configure(changes: Partial<Settings>): void;
  script(...faults: readonly FaultRule[]): void;
  /** What lies at an HPSS path, as a path of this machine. */
  local(path: string): string;
  /** How many sessions of each tool were begun. */
  sessions(tool?: 'hsi' | 'htar'): number;
}

/** To ask whether the stand-ins are built takes a process of its own. */
let isBuilt = false;

/** A fresh scratch HPSS, removed when the running test ends. Its faults come from a script of its own, whatever the environment says. */
export async function scratchHpss(changes: Partial<Settings> = {}): Promise<ScratchHpss> {
  if (!isBuilt) builtCli();
  isBuilt = true;
  const folder = join(await scratchFolder(), 'hpss');
  const { home } = defaultSettings;
  for (const name of ['bin', 'attributes', 'tmp', `files${home}`]) mkdirSync(join(folder, name), { recursive: true });
  const configure = (more: Partial<Settings>) =>
    writeFileSync(join(folder, 'system.json'), JSON.stringify({ ...defaultSettings, ...changes, ...more }));
  configure({});
  const faults = join(folder, 'script.json');
  const script = (...rules: readonly FaultRule[]) => writeFileSync(faults, JSON.stringify({ faults: rules }));
  script();
  for (const tool of ['hsi', 'htar']) {
    const program = new URL(`../dist/sandbox/bin/${tool}`, import.meta.url).pathname;
    const path = join(folder, 'bin', tool);
    const variables = `STOWAGE_SANDBOX_HPSS='${folder}' STOWAGE_SANDBOX_FAULTS='${faults}'`;
    writeFileSync(path, `#!/bin/sh\n${variables} exec '${process.execPath}' '${program}' "$@"\n`);
    chmodSync(path, 0o755);
  }
  const options: HpssOptions = {
    hpssDir: folder,
    tmpdir: join(folder, 'tmp'),
    zone: defaultSettings.zone,
    retryWaitSeconds: 0.001,
    downWaitSeconds: 0,
  };
  return {
    folder,
    home,
    options,
    configure,
    script,
    local: (path) => join(folder, 'files', path),
    sessions(tool) {
      const file = join(folder, 'sessions.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      const isOne = (line: string) => tool === undefined || line.includes(`"tool":"${tool}"`);
      return lines.filter((line) => line.includes('"begin"') && isOne(line)).length;
    },
  };
}
