import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../src/cli/run.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A line of `--json`. */
export type JsonEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** What one command line came to. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function stowage(...argv: readonly string[]): Promise<Ran> {
  const out: Buffer[] = [];
  const err: string[] = [];
  const status = await run(argv, { out: (text) => out.push(Buffer.from(text)), err: (text) => err.push(text) });
  return { status, out: Buffer.concat(out).toString(), err: err.join('') };
}

/** Runs a command line with `--json`; every line must parse, and the last one be the end, with the exit status. */
export async function stowageJson(
  ...argv: readonly string[]
): Promise<Ran & { readonly events: readonly JsonEvent[] }> {
  const ran = await stowage(...argv, '--json');
  const events = ran.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonEvent);
  const last = events.at(-1);
  if (last?.event !== 'end' || last.status !== ran.status || !ran.out.endsWith('\n')) {
    throw new Error(`the JSON lines of '${argv.join(' ')}' do not end with the exit status ${ran.status}: ${ran.out}`);
  }
  return { ...ran, events };
}

/** A configuration with its tree and its vault, in a folder of their own. */
export interface Place {
  readonly folder: string;
  readonly config: string;
  /** `root`, and the section `data` below it. */
  readonly root: string;
  readonly data: string;
  readonly vault: string;
  readonly state: string;
}

/** Makes an empty tree and vault, with these rules for the section `data`; `settings` go into `__config__`. */
export async function place(rules: object, settings: object = {}, sections: object = {}): Promise<Place> {
  const folder = await scratchFolder();
  const root = join(folder, 'tree');
  const vault = join(folder, 'vault');
  const config = join(folder, 'survey.json');
  mkdirSync(join(root, 'data'), { recursive: true });
  mkdirSync(vault);
  const configured = { root, store: 'dir:vault', ...settings };
  writeFileSync(config, JSON.stringify({ __config__: configured, data: { __exclude__: [], ...rules }, ...sections }));
  return { folder, config, root, data: join(root, 'data'), vault, state: join(folder, '.stowage') };
}

/** Writes files, with the folders above them; names end in '/' for an empty folder. */
export function plant(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (name.endsWith('/')) mkdirSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }
}
