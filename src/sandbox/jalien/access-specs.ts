import type { StorageElement } from './world.ts';

/** What a list such as `disk:2,A::B::C,!D::E::F` asks for. */
export interface Specs {
  readonly wanted: readonly string[];
  readonly excluded: readonly string[];
  readonly counts: readonly { readonly tag: string; readonly count: number }[];
}

const seName = /^!?[^:,]+::[^:,]+::[^:,]+$/;

/** Reads the list; a text for one that cannot be understood. */
export function readSpecs(list: string): Specs | string {
  const wanted: string[] = [];
  const excluded: string[] = [];
  const counts: { tag: string; count: number }[] = [];
  for (const word of list.split(',').filter((one) => one !== '')) {
    const [, tag, number] = /^(\w+)[:=](-?\d+)$/.exec(word) ?? [];
    if (seName.test(word)) {
      if (word.startsWith('!')) excluded.push(word.slice(1).toUpperCase());
      else wanted.push(word.toUpperCase());
    } else if (tag === undefined) return `Don't know what to do with \`${word}\``;
    else if (Number(number) <= 0) return `The number replicas has to be stricly positive in \`${word}\``;
    else counts.push({ tag: tag.toLowerCase(), count: Number(number) });
  }
  return { wanted, excluded, counts };
}

/** The SEs to write to: those that are named, then as many of each quality as were asked for, of all but the ones to leave out. */
export function chosenElements(
  elements: readonly StorageElement[],
  specs: Specs,
  without: readonly string[],
): readonly StorageElement[] {
  const free = elements.filter(
    (one) => !specs.excluded.includes(one.name.toUpperCase()) && !without.includes(one.name),
  );
  const chosen = free.filter((one) => specs.wanted.includes(one.name.toUpperCase()));
  for (const { tag, count } of specs.counts) {
    const more = free.filter((one) => !chosen.includes(one) && one.qos.includes(tag));
    chosen.push(...more.slice(0, count));
  }
  return chosen;
}
