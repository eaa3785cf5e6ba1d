/** A value that may not be what it should be: what a refinement sees where something else is wrong already. */
export type Loose = Readonly<Record<string, unknown>>;

/** For refinements that speak of several values: they are asked even where one of these is wrong, so that all is told at once. */
export const always = {
  when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** The objects of a list, each in its place; nothing for what is no list. */
export function objectsOf(value: unknown): readonly Loose[] {
  if (!Array.isArray(value)) return [];
  return value.map((one) => (typeof one === 'object' && one !== null ? (one as Loose) : {}));
}
