/** How a program ended, and what it said. */
export interface ProgramResult {
  /** Null if a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** How many bytes of output were left out; a line says so where they were. */
  readonly truncated: number;
  /** False if the program closed its input, or ended, before all of it was handed over. What lies in the pipe counts as handed over. */
  readonly inputTaken: boolean;
  /** True if something that it left running still holds its output open: what comes from there is not in `stdout`. */
  readonly leftRunning: boolean;
  readonly durationMs: number;
}
