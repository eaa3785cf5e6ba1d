import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { nameFromBytes } from '../../model/byte-name.ts';
import { type FaultRule, faultsVariable } from './faults.ts';
import { hsi } from './hsi/hsi.ts';
import { htar } from './htar/htar.ts';
import type { Output } from './output.ts';
import { defaultSettings, type Settings } from './system/settings.ts';
import { systemVariable } from './system/system.ts';

/** How a stand-in ended, and what it said; names in it as the model has them. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A scratch system, with a directory of this machine that the programs work in. */
export interface TestSystem {
  readonly folder: string;
  readonly work: string;
  /** What a process must export to work on it. */
  readonly environment: Readonly<Record<string, string>>;
  hsi(...argv: readonly string[]): Promise<Ran>;
  htar(...argv: readonly string[]): Promise<Ran>;
  /** The same, with something on standard input. */
  withInput(input: string | Uint8Array): Pick<TestSystem, 'hsi' | 'htar'>;
  configure(changes: Partial<Settings>): void;
  script(...faults: readonly FaultRule[]): void;
  /** Writes files into the working directory. */
  plant(files: Readonly<Record<string, string | Uint8Array>>): void;
  /** What lies at an HPSS path. */
  held(path: string): Buffer;
  sessions(): readonly Readonly<Record<string, unknown>>[];
}

/** The time of test systems: `Fri Aug 22 21:44:36 2014` where they stand. */
export const testNow = '2014-08-23T04:44:36Z';

/** A fresh system that is removed when the running test ends. Its programs run in this process. */
export async function testSystem(changes: Partial<Settings> = {}): Promise<TestSystem> {
  const folder = await scratchFolder();
  const work = join(folder, 'work');
  const system = join(folder, 'hpss');
  for (const name of ['attributes', `files${defaultSettings.home}`]) mkdirSync(join(system, name), { recursive: true });
  mkdirSync(work);
  const configure = (more: Partial<Settings>) =>
    writeFileSync(
      join(system, 'system.json'),
      JSON.stringify({ ...defaultSettings, now: testNow, ...changes, ...more }),
    );
  configure({});
  const environment = { [systemVariable]: system, [faultsVariable]: join(folder, 'faults.json') };
  const script = (...faults: readonly FaultRule[]) =>
    writeFileSync(join(folder, 'faults.json'), JSON.stringify({ faults }));
  script();
  const withInput = (input: string | Uint8Array) => {
    const run = async (program: typeof hsi, name: string, argv: readonly string[]): Promise<Ran> => {
      const out = collector();
      const err = collector();
      const world = { program: name, argv, environment, directory: work };
      const streams = { standardOutput: out.output, standardError: err.output };
      const status = await program({ ...world, ...streams, standardInput: () => Readable.from([Buffer.from(input)]) });
      return { status, out: out.text(), err: err.text() };
    };
    return {
      hsi: (...argv: readonly string[]) => run(hsi, '/apps/hpss/bin/hsi', argv),
      htar: (...argv: readonly string[]) => run(htar, '/apps/hpss/bin/htar', argv),
    };
  };
  return {
    folder: system,
    work,
    environment,
    ...withInput(''),
    withInput,
    configure,
    script,
    plant(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(join(work, name, '..'), { recursive: true });
        writeFileSync(join(work, name), content);
      }
    },
    held: (path) => readFileSync(join(system, 'files', path)),
    sessions: () =>
      readFileSync(join(system, 'sessions.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}

/** A name as hsi must be given it: within double quotes. */
export function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}

function collector(): { readonly output: Output; text(): string } {
  const chunks: Buffer[] = [];
  const output = { write: async (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes)) };
  return { output, text: () => nameFromBytes(Buffer.concat(chunks)) };
}
