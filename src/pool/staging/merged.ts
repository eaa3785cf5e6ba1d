/** What several generators yield, as it comes, so many of them running at a time. The first that throws ends it; the others are ended too. */
export async function* merged<T>(makers: readonly (() => AsyncGenerator<T>)[], jobs: number): AsyncGenerator<T> {
  const waiting = [...makers];
  const running = new Map<
    AsyncGenerator<T>,
    Promise<{ readonly from: AsyncGenerator<T>; readonly next: IteratorResult<T> }>
  >();
  const ask = (from: AsyncGenerator<T>) =>
    running.set(
      from,
      from.next().then((next) => ({ from, next })),
    );
  try {
    for (;;) {
      while (running.size < jobs && waiting.length > 0) ask(waiting.shift()!());
      if (running.size === 0) return;
      const { from, next } = await Promise.race(running.values());
      if (next.done) running.delete(from);
      else {
        yield next.value;
        ask(from);
      }
    }
  } finally {
    for (const [from, last] of running) {
      last.catch(() => undefined);
      void from.return(undefined);
    }
  }
}
