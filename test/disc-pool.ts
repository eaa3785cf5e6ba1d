import { writeFileSync } from 'node:fs';
import { lookAtMedium } from '../src/disc/look-at-medium.ts';
import { type DayPool, dayPool } from './day-pool.ts';

/** A pool whose days go to an image. */
export interface DiscPool extends DayPool {
  readonly image: string;
  /** The files that an image shows, without indicators. */
  shown(image?: string): Promise<readonly string[]>;
}

/** Makes such a pool with an empty image; `store` is put into its section store, before the rest. */
export async function discPool(store = '', media = 'dvd+rw', device = 'dvdwriter'): Promise<DiscPool> {
  const disc = `<media_type>${media}</media_type><device_type>${device}</device_type><target_device>@ROOT@/disc.iso</target_device>`;
  const pool = await dayPool(`${store}${disc}`);
  const image = `${pool.root}/disc.iso`;
  writeFileSync(image, '');
  return {
    ...pool,
    image,
    async shown(of = image) {
      const { shown } = await lookAtMedium(of);
      const files = [...shown.values()].filter((entry) => entry.type === 'file').map((entry) => entry.path);
      return files.filter((path) => !/(^|\/)cback\./.test(path)).sort();
    },
  };
}
