/** Which options a command knows, as the server's parser (jopt-simple) takes them. */
export interface OptionShape {
  /** Names that stand alone: `['l', 'a', 'bulk']`. Single letters may be clustered. */
  readonly flags?: readonly string[];
  /** Names that take a value, joined, after `=`, or as the next argument. */
  readonly values?: readonly string[];
}

export interface Parsed {
  has(flag: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  readonly rest: readonly string[];
}

/** What the parser says to an argument that it cannot take. */
export class BadOption extends Error {}

/** Options may stand anywhere before `--`; a name of several letters needs one dash or two. */
export function parseOptions(args: readonly string[], shape: OptionShape): Parsed {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  const isFlag = (name: string): boolean => shape.flags?.includes(name) ?? false;
  const takesValue = (name: string): boolean => shape.values?.includes(name) ?? false;
  const add = (name: string, value = ''): void => void given.set(name, [...(given.get(name) ?? []), value]);
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at]!;
    if (word === '--') {
      rest.push(...args.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const takeValue = (name: string, joined: string | undefined): void => {
      if (joined !== undefined) {
        add(name, joined);
        return;
      }
      at += 1;
      if (at >= args.length) throw new BadOption(`Option ${name} requires an argument`);
      add(name, args[at]!);
    };
    const [, name = '', joined] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (takesValue(name)) takeValue(name, joined);
    else if (isFlag(name) && joined === undefined) add(name);
    else if (word.startsWith('--')) throw new BadOption(`${name} is not a recognized option`);
    else {
      const letters = [...word.slice(1)];
      for (const [index, letter] of letters.entries()) {
        if (takesValue(letter)) {
          const tail = letters.slice(index + 1).join('');
          takeValue(letter, tail === '' ? undefined : tail.replace(/^=/, ''));
          break;
        }
        if (!isFlag(letter)) throw new BadOption(`${letter} is not a recognized option`);
        add(letter);
      }
    }
  }
  return {
    rest,
    has: (flag) => given.has(flag),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  };
}
