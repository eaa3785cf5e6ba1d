/** What was asked for on the command line of hsi before the commands. */
export interface HsiOptions {
  readonly quiet: boolean;
  readonly echo: boolean;
  readonly popen: boolean;
  readonly outputFile?: string;
  readonly site?: string;
  readonly account?: number;
  readonly credentials?: string;
  readonly words: readonly string[];
}

/** Letters that take a value; -k and -l are the ones of builds that know keytab and user by these letters. */
const valued = 'OsAacdGklhp';
const methods = ['combo', 'kerberos', 'keytab', 'gsi', 'local'];

/** Reads the command line, or says what is wrong with it. */
export function readHsiOptions(argv: readonly string[]): HsiOptions | string {
  const flags = { quiet: false, echo: false, popen: false };
  const values: Record<string, string> = {};
  let at = 0;
  for (; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (!/^-./s.test(word)) break;
    for (let place = 1; place < word.length; place += 1) {
      const letter = word[place]!;
      if (letter === 'q') flags.quiet = true;
      else if (letter === 'e') flags.echo = true;
      else if (letter === 'P') flags.popen = true;
      else if (valued.includes(letter)) {
        const value = word.slice(place + 1) || argv[++at];
        if (value === undefined) return `option -${letter} needs a value`;
        values[letter] = value;
        break;
      } else return `unknown option -${letter}`;
    }
  }
  if (values.A !== undefined && !methods.includes(values.A)) return `unknown authentication method ${values.A}`;
  if (values.d !== undefined && !/^[0-9]$/.test(values.d)) return `invalid debug level ${values.d}`;
  if (values.a !== undefined && !/^\d+$/.test(values.a)) return `unknown account ${values.a}`;
  const credentials = values.k ?? values.c ?? values.G;
  return {
    ...flags,
    ...(values.O === undefined ? {} : { outputFile: values.O }),
    ...(values.s === undefined ? {} : { site: values.s }),
    ...(values.a === undefined ? {} : { account: Number(values.a) }),
    ...(credentials === undefined ? {} : { credentials }),
    words: argv.slice(at),
  };
}
