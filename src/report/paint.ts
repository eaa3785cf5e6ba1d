/** Colours a word, where colours are wanted. */
export type Paint = (color: 'red' | 'yellow' | 'green' | 'dim', text: string) => string;

const codes = { red: 31, yellow: 33, green: 32, dim: 2 } as const;

/** A painter that paints, or one that leaves everything as it is. */
export function painter(enabled: boolean): Paint {
  return (color, text) => (enabled ? `\x1b[${codes[color]}m${text}\x1b[0m` : text);
}
