import { readFile } from 'node:fs/promises';
import { temporaryFolder } from '../durable/temporary-folder.ts';
import { fileError, systemCode } from '../errors.ts';
import { runProgram } from '../programs/run-program.ts';
import { getHpssDir, getTmpdir } from './hpss-dir.ts';
import { type HpssOptions, siteArguments } from './hpss-options.ts';
import { inSession } from './sessions.ts';

/** What hsi or htar said, and how it ended. Neither is proof of what was done. */
export interface HsiResult {
  readonly text: string;
  readonly status: number | null;
}

/**
 * Runs hsi with arguments as they are, in a session of its own, and gives what it wrote to the file of its `-O`. The caller quotes. As with HPSSPy no
 * status and no text is an error here; `runHsi` gives both.
 */
export async function hsi(args: readonly string[], options: HpssOptions = {}): Promise<string> {
  return (await runHsi(args, options)).text;
}

/** The same, with the exit status. */
export async function runHsi(args: readonly string[], options: HpssOptions = {}): Promise<HsiResult> {
  const program = `${getHpssDir(options)}/hsi`;
  const folder = await temporaryFolder(getTmpdir(options));
  try {
    const output = `${folder.path}/output`;
    const { status, stdout, stderr } = await inSession(options, 'other', () =>
      runProgram(program, ['-O', output, ...siteArguments(options), ...args], {
        timeoutMs: (options.transferTimeoutSeconds ?? 172_800) * 1000,
        successStatuses: Array.from({ length: 256 }, (_, at) => at),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    );
    const written = await readFile(output, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return `${stdout}${stderr}`;
      throw fileError('cannot read what hsi wrote', error);
    });
    return { text: written, status };
  } finally {
    await folder.remove();
  }
}
