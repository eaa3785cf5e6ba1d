import type { Channel } from './channel.ts';

/** The first channel of a session and further ones, for whoever has many commands at once. */
export interface ChannelPool {
  /** Channels that began elsewhere, or as somebody else, are of no use any more: those that are idle are closed. */
  comeTo(place: string): Promise<void>;
  /** So many channels, the first among them; made as they are needed. */
  several(count: number): readonly Channel[];
  /** Gives a channel that is idle to this work; a new one while there are fewer than `most`; else the first that becomes idle. */
  onIdle<T>(most: number, work: (channel: Channel) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A pool that begins with one channel. */
export function channelPool(first: Channel, another: () => Channel): ChannelPool {
  const others: Channel[] = [];
  const busy = new Set<Channel>();
  const waiting: ((channel: Channel) => void)[] = [];
  let place: string | undefined;

  function idle(most: number): Channel | undefined {
    const free = [first, ...others].find((one) => !busy.has(one));
    if (free !== undefined || others.length + 1 >= most) return free;
    const made = another();
    others.push(made);
    return made;
  }

  function release(channel: Channel): void {
    const next = waiting.shift();
    if (next === undefined) busy.delete(channel);
    else next(channel);
  }

  return {
    async comeTo(now) {
      if (place === now) return;
      place = now;
      const gone = others.filter((one) => !busy.has(one));
      for (const one of gone) others.splice(others.indexOf(one), 1);
      await Promise.all(gone.map((one) => one.close()));
    },
    several(count) {
      while (others.length < count - 1) others.push(another());
      return [first, ...others.slice(0, Math.max(0, count - 1))];
    },
    async onIdle(most, work) {
      const found = idle(most);
      if (found !== undefined) busy.add(found);
      // Handed on while it still counts as busy, so that nobody else takes it in between.
      const channel = found ?? (await new Promise<Channel>((resolve) => waiting.push(resolve)));
      try {
        return await work(channel);
      } finally {
        release(channel);
      }
    },
    async close() {
      await Promise.all(others.map((one) => one.close()));
    },
  };
}
