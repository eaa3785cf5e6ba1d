import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../programs/run-program.ts';

export interface TrayOptions {
  /** True for drives that cannot open and close by themselves: then nothing is done but to unlock it. */
  readonly noEject?: boolean;
  /** Seconds between opening and closing. */
  readonly ejectDelay?: number;
  /** Seconds that the drive is given to know the medium again. */
  readonly refreshMediaDelay?: number;
  /** The program, where it is not the `eject` on PATH. */
  readonly eject?: string | undefined;
}

/** Opens and closes the tray, so that the drive and the system look at the medium anew, and unlocks it. Throws `program`. */
export async function refreshMedia(
  device: string,
  options: TrayOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const program = options.eject ?? 'eject';
  const given = signal === undefined ? {} : { signal };
  const run = (...args: readonly string[]) => runProgram(program, [...args, device], given);
  if (options.noEject !== true) {
    await run();
    await delay((options.ejectDelay ?? 0) * 1000, undefined, given);
    await run('-t');
  }
  await runProgram(program, ['-i', 'off', device], { ...given, successStatuses: [0, 1] });
  if (options.noEject !== true) await delay((options.refreshMediaDelay ?? 0) * 1000, undefined, given);
}
