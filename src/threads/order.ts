import type { TransferListItem } from 'node:worker_threads';
import type { ErrorData } from './error-data.ts';

/** Memory or a port that changes hands with a message. */
export type Transferable = TransferListItem;

/** What a thread is asked to do: the default export of a module, on an input that can be copied; without one, only to load the module. */
export interface Order {
  readonly module: string;
  readonly input?: unknown;
}

/** What it answers. */
export type Answer = { readonly output: unknown } | { readonly error: ErrorData };

/** What the default export of a task's module may give back: its output, or that with memory that changes hands. */
export interface Handed<Output> {
  readonly output: Output;
  readonly transfer: readonly Transferable[];
}

/** The default export of a task's module. */
export type Task<Input, Output> = (input: Input) => Handed<Output> | Promise<Handed<Output>>;
