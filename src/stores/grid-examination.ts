import type { StoreExamination } from '../store/examination.ts';
import { type GridStoreOptions, gridStore } from './grid.ts';
import { gridChecks } from './grid-checks.ts';
import { gridLink } from './grid-link.ts';
import { filesBelow, lookAt, requireRoot } from './grid-look.ts';
import { gridPlaces } from './grid-places.ts';
import { newRandomName } from './waiting-files.ts';

/** How a store on the Grid is examined: in a directory among what waits, which no listing enters. */
export function gridExamination(root: string, options: GridStoreOptions): StoreExamination {
  const places = gridPlaces(root);
  const link = gridLink({ ...options.connection });
  return {
    folder: undefined,
    checks: gridChecks(places, link, options.where ?? []),
    async scratch() {
      const scratch = `${places.waiting}/doctor-${newRandomName()}`;
      await link.use(async (sessions) => {
        await requireRoot(sessions, places, {});
        await sessions.grid.mkdir(scratch, { parents: true });
      });
      const opened: { readonly close: () => Promise<void> }[] = [];
      return {
        folder: undefined,
        async open() {
          const store = gridStore(scratch, options);
          opened.push(store);
          return store;
        },
        async remove() {
          await Promise.all(opened.splice(0).map((store) => store.close()));
          await link.use(async (sessions) => {
            for await (const { lfn } of filesBelow(sessions, scratch, {}))
              if (lfn.startsWith(`${scratch}/`)) await sessions.grid.rm([lfn]);
            const [left] = await lookAt(sessions, [scratch], {});
            if (left !== undefined) await sessions.grid.rm([scratch], { recursive: true });
          });
          await link.close();
        },
      };
    },
  };
}
