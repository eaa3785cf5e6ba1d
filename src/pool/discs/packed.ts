/**
 * Puts items into as few bins of one size as a simple rule does, each bin in the order of the items: what still fits goes in, the rest to the next one. Throws what `tooLarge`
 * says of an item that fits into none.
 */
export function packed<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  capacity: number,
  tooLarge: (item: Item) => Error,
): readonly (readonly Item[])[] {
  const bins: { readonly items: Item[]; left: number }[] = [];
  for (const item of items) {
    const size = sizeOf(item);
    if (size > capacity) throw tooLarge(item);
    let bin = bins.find(({ left }) => size <= left);
    if (bin === undefined) {
      bin = { items: [], left: capacity };
      bins.push(bin);
    }
    bin.items.push(item);
    bin.left -= size;
  }
  return bins.map((bin) => bin.items);
}
