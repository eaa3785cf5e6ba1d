/** True if the text has a character that a glob gives a meaning to. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * A shell glob as a pattern over a whole path: `*` and `?` stop at a slash, `**` does not, `[a-z]` and `[!a-z]` are classes,
 * a backslash takes the next character as it is. A `[` that is never closed is a bracket.
 */
export function globPattern(glob: string): RegExp {
  let source = '';
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at]!;
    if (character === '*') {
      const crosses = glob[at + 1] === '*';
      if (crosses) at += 1;
      source += crosses ? '[^]*' : '[^/]*';
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '[') {
      const end = glob.indexOf(']', at + (glob[at + 1] === '!' ? 3 : 2));
      if (end < 0) {
        source += '\\[';
        continue;
      }
      const negated = glob[at + 1] === '!';
      const body = glob.slice(at + (negated ? 2 : 1), end).replace(/[\\\]^[]/g, '\\$&');
      source += `[${negated ? '^/' : ''}${body}]`;
      at = end;
    } else {
      if (character === '\\' && at + 1 < glob.length) at += 1;
      const literal = glob[at]!;
      source += literal.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'su');
}
