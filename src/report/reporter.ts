import type { Progress } from '../verbs/project.ts';
import type { Reported } from './reported.ts';

/** Tells what happens, to people or to programs. Results go to standard output, everything else to standard error. */
export interface Reporter {
  event(event: Reported): void;
  progress(progress: Progress): void;
  /** An error that ends the run. */
  error(error: unknown): void;
  /** The last word: the exit status, and what it stands for. */
  end(status: number): void;
}

/** Where a reporter writes. */
export interface Output {
  /** Bytes are written as they are. */
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** Why nothing more can be told, if it is so. */
  lost?(): 'reader' | 'unwritable' | undefined;
}

export interface ReportOptions {
  /** Only problems and results that were asked for. */
  readonly quiet: boolean;
  /** Everything, also what is usually only counted. */
  readonly verbose: boolean;
  readonly color: boolean;
  /** Show a line that moves. */
  readonly animate: boolean;
  /** Show the stack trace of an error that ends the run. */
  readonly debug: boolean;
  /** Which part of a long list of archives to show, from 1; 0 shows all of it. */
  readonly page: number;
}
