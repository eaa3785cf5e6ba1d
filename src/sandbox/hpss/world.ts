import { type Output, streamOutput } from './output.ts';
import { rawArguments } from './raw-arguments.ts';

/** What a program sees of the machine it runs on; an argument, so that a test need not start a process for each line. */
export interface World {
  /** The path that it was called by, and what stood behind it. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly standardOutput: Output;
  readonly standardError: Output;
  standardInput(): NodeJS.ReadableStream;
}

/** This process. */
export function thisProcess(): World {
  // A reader that went away (`| head`) is no fault of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    program: process.argv[1] ?? '',
    argv: rawArguments(process.argv),
    environment: process.env,
    directory: process.cwd(),
    standardOutput: streamOutput(process.stdout),
    standardError: streamOutput(process.stderr),
    standardInput: () => process.stdin,
  };
}
