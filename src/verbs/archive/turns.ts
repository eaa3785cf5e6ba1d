/** Runs at most `size` deeds at once; the others wait for their turn, in the order of the calls. */
export function turns(size: number): <Result>(deed: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (deed) => {
    if (busy < size) busy += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await deed();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
