/** The same text by itself. What was cut out of a longer text keeps all of that in memory: a copy does not, where few are kept of many. */
export function ownText(text: string): string {
  // Each unit as it is, a lone surrogate too.
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
