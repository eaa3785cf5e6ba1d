import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.mjs', import.meta.url));
const prepare = new URL('../scripts/prepare.mjs', import.meta.url).href;

/** The path of the built command, built from the sources as they are now. */
export function builtCli(): string {
  const script = `import { prepare } from ${JSON.stringify(prepare)}; prepare();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  return main;
}

/** How a process ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process of the built command; `ended` never rejects. `env` is added to our environment. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const all = { ...process.env, ...env };
  return watchChild(spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: all }));
}

/** A process of the built `missing_from_hpss`; `ended` never rejects. */
export function startMissing(args: readonly string[]): ReturnType<typeof startCli> {
  const program = fileURLToPath(new URL('../dist/missing-from-hpss.mjs', import.meta.url));
  return watchChild(spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs the built command to its end. */
export function runCli(...args: readonly string[]): Promise<Ended> {
  return startCli(args).ended;
}

/** Runs any program to its end; `env` is added to our environment. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return watchChild(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })).ended;
}

function watchChild(child: ChildProcess) {
  const text = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text.out += more;
  });
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text.err += more;
  });
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...text }));
  return { child, ended };
}
