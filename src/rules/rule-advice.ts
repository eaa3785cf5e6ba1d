import type { PatternFacts } from './pattern-error.ts';

/** By the reason in Python's words: how to write what was probably meant. Backslashes are as they stand in JSON. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^unterminated character set/, "close it with ']'; a bracket that is meant itself is written \\\\["],
  [
    /^missing \), unterminated subpattern/,
    "close the group with ')'; a parenthesis that is meant itself is written \\\\(",
  ],
  [/^unbalanced parenthesis/, "a ')' too many; a parenthesis that is meant itself is written \\\\)"],
  [
    /^nothing to repeat/,
    "'*', '+' and '?' repeat what stands before them; any text is .*, a star that is meant itself is \\\\*",
  ],
  [/^multiple repeat/, 'one of them too many; one that is meant itself is written with \\\\ before it'],
  [/^bad character range/, "write the lower end first; a '-' that is meant itself stands last in the brackets"],
  [/^min repeat greater than max repeat/, 'write the smaller number first'],
  [/^bad escape \(end of pattern\)/, 'a backslash that is meant itself is written \\\\\\\\'],
  [/^bad escape/, 'a backslash that is meant itself is written \\\\\\\\; a letter that is meant itself has none'],
];

/** What to do about a pattern or template that was rejected, if that can be told. `groups` is how many the pattern has. */
export function adviceFor({ reason, pattern }: PatternFacts, groups: number): string | undefined {
  const wanted = /^invalid group reference (\d+)/.exec(reason)?.[1];
  if (wanted !== undefined) {
    if (groups === 0) return `the pattern has no groups: put parentheses around the part that \\\\${wanted} stands for`;
    return groups === 1
      ? 'the pattern has one group, \\\\1'
      : `the pattern has ${groups} groups, \\\\1 to \\\\${groups}`;
  }
  const extension = /^\*\.(\w+)$/.exec(pattern)?.[1];
  if (extension !== undefined) return `*.${extension} of a shell is [^/]+\\\\.${extension}$ here, behind its directory`;
  return advice.find(([words]) => words.test(reason))?.[1];
}
