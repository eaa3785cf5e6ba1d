import { StowageError } from '../../../errors.ts';

/** A name of the Grid as it was typed, and at which storage elements. */
export interface GridPlace {
  readonly name: string;
  /** `disk:2`, `A::B::C`, `!A::B::C`. */
  readonly where: readonly string[];
  /** True if the name holds a `@` or `,` that no backslash says to be of the name. */
  readonly isDoubtful: boolean;
}

const element = /^!?[\w.-]+::[\w.-]+::[\w.-]+$/;
const quality = /^[A-Za-z]\w*[:=][1-9]\d*$/;

/**
 * Takes `NAME@disk:2,SE1,!SE2` apart. What stands behind the first `@` or `,` is where to, if all of it can be that; otherwise the sign is of the name, and so is one with a backslash
 * before it (`\@`, `\,`; `\\` is a backslash).
 */
export function readGridPlace(text: string): GridPlace {
  const marks = marksIn(text);
  const cut = marks.find((at) => isWhere(text.slice(at + 1)));
  return {
    name: withoutBackslashes(text.slice(0, cut)),
    where: cut === undefined ? [] : text.slice(cut + 1).split(','),
    isDoubtful: marks.some((at) => cut === undefined || at < cut),
  };
}

/** A name so written that all of it is read as the name. */
export function writtenName(name: string): string {
  return name.replace(/[\\@,]/g, '\\$&');
}

/** The error for a place whose `@` may have been meant otherwise. */
export function doubtfulPlace(text: string): StowageError {
  return new StowageError('usage', `cp: '${text}': what stands behind '@' or ',' says no place`, {
    hint: 'a place is like @disk:2 or @ALICE::CERN::EOS,!ALICE::GSI::SE; in a name, write \\@ and \\, (in quotes)',
    facts: { errno: 64 },
  });
}

function isWhere(text: string): boolean {
  return text.split(',').every((one) => element.test(one) || quality.test(one));
}

/** Where a `@` or `,` stands without a backslash. */
function marksIn(text: string): readonly number[] {
  const marks: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '@' || text[at] === ',') marks.push(at);
  }
  return marks;
}

/** A backslash before anything else is one of the name. */
function withoutBackslashes(text: string): string {
  return text.replace(/\\([\\@,])/g, '$1');
}
