/** Whoever has a turn says with it that it is over. */
export type Over = () => void;

/** Turns for what may not all be done at once. */
export interface Turns {
  /** Resolves in the order of the calls, when there is room for this weight; undefined once nothing new is to begin. */
  take(weight: number): Promise<Over | undefined>;
  /** Nobody gets a turn any more. */
  stop(): void;
}

/** Room for so much weight at once. What is heavier has it alone. */
export function turns(room: number): Turns {
  const waiting: { readonly weight: number; resolve(over: Over | undefined): void }[] = [];
  let taken = 0;
  let isStopped = false;

  function next(): void {
    while (waiting[0] !== undefined && (taken === 0 || taken + waiting[0].weight <= room)) {
      const { weight, resolve } = waiting.shift()!;
      taken += weight;
      let isOver = false;
      resolve(() => {
        if (isOver) return;
        isOver = true;
        taken -= weight;
        next();
      });
    }
  }

  return {
    take(weight) {
      if (isStopped) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        waiting.push({ weight, resolve });
        next();
      });
    },
    stop() {
      isStopped = true;
      for (const { resolve } of waiting.splice(0)) resolve(undefined);
    },
  };
}
