/** A match somewhere in a text. */
export interface Found {
  /** In UTF-16 units. */
  readonly start: number;
  /** The whole, then what each group holds; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** Finds the matches of one pattern. */
export interface Engine {
  /** The match at the start of the input. */
  matchAtStart(input: string): Found | undefined;
  /** True if `matchAtStart` finds something; faster. */
  matches(input: string): boolean;
  /** The first match from a position on, in UTF-16 units; at that position itself it must not be empty if `notEmpty`. */
  search(input: string, from: number, notEmpty: boolean): Found | undefined;
}

/** The position after the character at this one. */
export function afterCharacter(input: string, position: number): number {
  return position + (input.codePointAt(position)! > 0xffff ? 2 : 1);
}

/** True between the two halves of one character. */
export function isInsideCharacter(input: string, position: number): boolean {
  return position > 0 && input.codePointAt(position - 1)! > 0xffff;
}
