import { type ErrorCode, StowageError } from '../errors.ts';

/** An error as it goes from one thread to another: classes do not survive the way. */
export type ErrorData =
  | {
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
      readonly facts: Readonly<Record<string, unknown>>;
      readonly cause: ErrorData | undefined;
    }
  | { readonly name: string; readonly message: string; readonly stack: string | undefined; readonly system: object };

/** An error as plain data. */
export function errorToData(error: unknown): ErrorData {
  if (error instanceof StowageError) {
    const { code, message, hint, facts, cause } = error;
    return { code, message, hint, facts: plain(facts), cause: cause === undefined ? undefined : errorToData(cause) };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, system: plain({ ...(error as object) }) };
}

/** The error again: ours with its code, facts and cause; a system error with its errno name. */
export function errorFromData(data: ErrorData): Error {
  if ('facts' in data) {
    const { code, message, hint, facts, cause } = data;
    return new StowageError(code, message, {
      facts,
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause: errorFromData(cause) }),
    });
  }
  const error = Object.assign(new Error(data.message), data.system, { name: data.name });
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

/** What cannot be copied is told by its text. */
function plain<Value extends object>(value: Value): Value {
  try {
    return structuredClone(value);
  } catch {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)])) as Value;
  }
}
