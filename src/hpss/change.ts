import { displayName } from '../model/byte-name.ts';
import { ask } from './ask.ts';
import { isComplaint } from './failure-text.ts';
import { HpssError, HpssOSError, hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { isdir } from './stat.ts';

/** Sets the permissions of a path. A number is the mode itself (`0o664`), a text is octal (`'664'`). */
export async function chmod(path: string, mode: string | number, options: HpssOptions = {}): Promise<void> {
  await deed(`chmod ${octal(mode)} ${hsiWord(path)}`, `cannot set the mode of '${displayName(path)}'`, options);
}

/** Makes a directory; one that exists is no error. `mode` as for `chmod`. */
export async function mkdir(
  path: string,
  options: HpssOptions & { readonly mode?: string | number } = {},
): Promise<void> {
  await makeDirectory('mkdir', path, options);
}

/** Makes a directory and those above it; one that exists is no error. */
export async function makedirs(
  path: string,
  options: HpssOptions & { readonly mode?: string | number } = {},
): Promise<void> {
  await makeDirectory('mkdir -p', path, options);
}

async function makeDirectory(
  command: string,
  path: string,
  { mode, ...options }: HpssOptions & { readonly mode?: string | number },
): Promise<void> {
  const given = mode === undefined ? '' : `-m ${octal(mode)} `;
  const what = `cannot make the directory '${displayName(path)}'`;
  try {
    await deed(`${command} ${given}${hsiWord(path)}`, what, options);
  } catch (error) {
    if (!(error instanceof HpssOSError) || error.kind !== 'exists' || !(await isdir(path, options))) throw error;
  }
}

async function deed(text: string, what: string, options: HpssOptions): Promise<void> {
  await ask([{ text }], { ...options, what }, ([answer]) => {
    const said = answer!.map((line) => `${line}\n`).join('');
    if (answer!.some(isComplaint)) throw hsiFailure(what, said);
  });
}

function octal(mode: string | number): string {
  const text = typeof mode === 'number' ? mode.toString(8) : mode;
  if (/^[0-7]{1,4}$/.test(text)) return text;
  throw new HpssError('usage', `'${mode}' is no octal mode`, { hint: "write it as 0o2770 or '2770'" });
}
