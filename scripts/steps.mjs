/** Runs stowage's commands for npm start, each shown first as a user would type it in the folder where npm was called. */
import { spawn } from 'node:child_process';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './prepare.mjs';

/** The folder where npm was called: paths on the command line start there. */
export const here = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'dist/main.mjs');

/** A step that did not do what it should; `status` is what npm start ends with. */
export class StepFailed extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Bold on a terminal. */
export function title(text) {
  const bold = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(bold ? `\n\u001b[1m${text}\u001b[0m\n` : `\n${text}\n`);
}

/** Runs a command with its output as it comes, and answers its status. Throws `StepFailed` unless the status is one of `allowed`. */
export async function stowage(args, { allowed = [0] } = {}) {
  title(`$ ${commandLine(args)}`);
  const child = spawn(process.execPath, [main, ...args], { cwd: here, stdio: 'inherit' });
  return ended(child, args, allowed);
}

/** Runs a command with --json and hands every event to `each`. */
export async function stowageEvents(args, each) {
  title(`$ ${commandLine([...args, '--json'])}`);
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = ended(child, args, [0]);
  // A failure is looked at below, when all lines are read.
  end.catch(() => {});
  for await (const line of createInterface({ input: child.stdout })) if (line !== '') each(JSON.parse(line));
  await end;
}

/** The command with its arguments, quoted for a shell. */
export function commandLine(args) {
  return [typed(main), ...args].map(quoted).join(' ');
}

/** A path as it is typed in that folder: relative if it lies below. */
export function typed(path) {
  const short = relative(here, path);
  return short === '' || short.startsWith('..') ? path : short;
}

export function quoted(text) {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function ended(child, args, allowed) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (allowed.includes(status)) resolve(status);
      else
        reject(
          new StepFailed(
            `'${commandLine(args)}' ended with ${signal ?? `status ${status}`}, so npm start stops here.`,
            status ?? 1,
          ),
        );
    });
  });
}
