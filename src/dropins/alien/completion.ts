import { readdirSync } from 'node:fs';
import { absoluteLfn, directoryOfLfn, isLocalName, localPath } from '../../grid/lfn.ts';

/** What completion may ask for. */
export interface CompletionSources {
  /** All names that a line can begin with. */
  commands(): Promise<readonly string[]>;
  /** The options of a command. */
  options(command: string): Promise<readonly string[]>;
  /** The names in a directory of the catalogue; those of directories end in `/`. */
  entries(directory: string): Promise<readonly string[]>;
  where(): Promise<{ readonly directory: string; readonly home: string }>;
  /** Where relative names of this machine begin. */
  readonly localDirectory: string;
}

/** What may stand in place of the last word of a line. */
export interface Completions {
  readonly candidates: readonly string[];
  /** The part of the line that they replace. */
  readonly replaced: string;
}

/** The completions at the end of a line. Never throws: what cannot be looked at has none. */
export async function completionsOf(line: string, sources: CompletionSources): Promise<Completions> {
  const { start, text, quote } = lastWord(line);
  const before = line.slice(commandStart(line, start), start).trim();
  const replaced = line.slice(start);
  try {
    const words = await candidatesFor(text, before, sources);
    return { candidates: words.map((word) => written(word, quote)), replaced };
  } catch {
    return { candidates: [], replaced };
  }
}

async function candidatesFor(text: string, before: string, sources: CompletionSources): Promise<readonly string[]> {
  if (before.startsWith('!')) return localNames(text, sources.localDirectory);
  if (before === '') {
    const known = await sources.commands();
    return known.filter((name) => name.startsWith(text)).map((name) => `${name} `);
  }
  if (isLocalName(text)) {
    const prefix = /^file:(\/\/(?=\/))?/i.exec(text)![0];
    return localNames(localPath(text), sources.localDirectory).map((name) => `${prefix}${name}`);
  }
  if (text.startsWith('-')) {
    const options = await sources.options(before.split(/\s+/, 1)[0]!);
    return options.filter((option) => option.startsWith(text)).map((option) => `${option} `);
  }
  return lfns(text, sources);
}

async function lfns(text: string, sources: CompletionSources): Promise<readonly string[]> {
  const cut = text.lastIndexOf('/') + 1;
  const [typed, beginning] = [text.slice(0, cut), text.slice(cut)];
  // `..` and `~` alone are directories that only lack their slash.
  if (['..', '~', '%ALIEN'].includes(text)) return [`${text}/`];
  const here = await sources.where();
  const directory = cut === 0 ? here.directory : directoryOfLfn(`${absoluteLfn(typed, here)}x`);
  const names = await sources.entries(directory);
  return names
    .filter((name) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    .map((name) => `${typed}${name}${name.endsWith('/') ? '' : ' '}`);
}

function localNames(text: string, localDirectory: string): readonly string[] {
  const cut = text.lastIndexOf('/') + 1;
  const [typed, beginning] = [text.slice(0, cut), text.slice(cut)];
  const folder = typed === '' ? localDirectory : typed.startsWith('/') ? typed : `${localDirectory}/${typed}`;
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    .map((entry) => `${typed}${entry.name}${entry.isDirectory() ? '/' : ' '}`);
}

interface LastWord {
  /** Where it begins in the line, quotes and backslashes included. */
  readonly start: number;
  /** What it means. */
  readonly text: string;
  /** The quote that is open at the end. */
  readonly quote: string;
}

/** The word at the end of a line, which may be empty, or in a quote that is not closed yet. */
function lastWord(line: string): LastWord {
  let start = 0;
  let text = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    if (quote !== '') {
      if (character === quote) quote = '';
      else text += character;
    } else if (character === '\\') {
      at += 1;
      text += line[at] ?? '';
    } else if (character === '"' || character === "'") quote = character;
    else if (/[\s;]/.test(character)) {
      start = at + 1;
      text = '';
    } else text += character;
  }
  return { start, text, quote };
}

/** Where the command begins whose word begins at `end`: behind the last `;` before it. */
function commandStart(line: string, end: number): number {
  return line.lastIndexOf(';', end - 1) + 1;
}

/** A word so that it can be typed: what the grammar would read otherwise gets a backslash, or stays in its quote. */
function written(word: string, quote: string): string {
  if (quote !== '') return word.endsWith(' ') ? `${quote}${word.slice(0, -1)}${quote} ` : `${quote}${word}`;
  const [bare, end] = word.endsWith(' ') ? [word.slice(0, -1), ' '] : [word, ''];
  return `${bare.replace(/[\s;|'"\\]/g, '\\$&')}${end}`;
}
