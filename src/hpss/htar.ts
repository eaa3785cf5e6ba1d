import { runProgram } from '../programs/run-program.ts';
import { getHpssDir } from './hpss-dir.ts';
import type { HpssOptions } from './hpss-options.ts';
import { inSession } from './sessions.ts';

/** What htar said on its two outputs, and how it ended. `HTAR SUCCESSFUL` is no proof, and neither is 0. */
export interface HtarResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs htar with arguments as they are. No status and no text is an error here. `cwd`: the directory that members are relative to. */
export async function htar(
  args: readonly string[],
  options: HpssOptions & { readonly cwd?: string } = {},
): Promise<HtarResult> {
  const { cwd, signal } = options;
  const { status, stdout, stderr } = await inSession(
    options,
    args[0]?.startsWith('-c') === true ? 'write' : 'other',
    () =>
      runProgram(`${getHpssDir(options)}/htar`, args, {
        timeoutMs: (options.transferTimeoutSeconds ?? 172_800) * 1000,
        successStatuses: Array.from({ length: 256 }, (_, at) => at),
        maxOutputBytes: 512 * 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(signal === undefined ? {} : { signal }),
      }),
  );
  return { status, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}
