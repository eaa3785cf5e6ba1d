import { nameToBytes } from './byte-name.ts';
import { shellWord } from './shell-word.ts';

/** A text as one word of bash, zsh or ksh, whatever it holds; what cannot be printed as its bytes. */
export function printableWord(text: string): string {
  if (!/[\p{Cc}\p{Cs}]/u.test(text)) return shellWord(text);
  const spelt = text.replace(/[\\']/g, '\\$&').replace(/[\p{Cc}\p{Cs}]/gu, octal);
  return `$'${spelt}'`;
}

function octal(character: string): string {
  return [...nameToBytes(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
