import { countText } from './quantities.ts';

/** How many archives are shown at once. */
export const pageLength = 1000;

/** Shows one page of a list that may be long, and counts the rest. */
export interface Pages {
  /** True if the next one is on the page. */
  next(): boolean;
  /** What was not shown and how to see it; undefined if all was. For the end of the list; begins anew. */
  rest(): string | undefined;
}

/** Pages of a list; `page` 0 is all of it. */
export function pages(page: number): Pages {
  let count = 0;
  const first = page === 0 ? 0 : (page - 1) * pageLength;
  const end = page === 0 ? Number.POSITIVE_INFINITY : first + pageLength;
  return {
    next() {
      count += 1;
      return count > first && count <= end;
    },
    rest() {
      const total = count;
      count = 0;
      if (total <= end && first === 0) return undefined;
      const last = Math.ceil(total / pageLength);
      const which = first < total ? `this is page ${page} of ${last}` : `there are ${last} pages`;
      return `${which} of ${countText(total, 'archive')}; --page ${page < last ? page + 1 : 1} shows another, --page 0 all`;
    },
  };
}
