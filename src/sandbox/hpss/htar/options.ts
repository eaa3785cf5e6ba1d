/** What htar does; exactly one of them. */
export type Action = 'c' | 't' | 'x' | 'K' | 'X' | 'D' | 'U';

/** The command line of htar. */
export interface HtarOptions {
  readonly action: Action;
  readonly archive: string;
  readonly flags: ReadonlySet<string>;
  readonly listFile?: string;
  readonly index?: string;
  readonly mostMembers: number;
  readonly days?: number;
  readonly service?: number;
  readonly threads: number;
  readonly crc: boolean;
  readonly verify: ReadonlySet<string>;
  readonly stage: boolean;
  readonly removeLocal: boolean;
  readonly files: readonly string[];
}

const actions = 'ctxKXDU';
const simple = 'vVEhmOoPpqw';
const valued = 'fdFHILMnSTY';
const defaultMembers = 1_000_000;
const hardMembers = 5_000_000;
const verifications = ['info', 'crc', 'compare', 'all', 'paranoid', '0', '1', '2', 'nocrc', 'nocompare'];

/** Reads the command line, or says what is wrong with it. Words that begin with `-` are options wherever they stand; `--` ends that. */
export function readHtarOptions(argv: readonly string[]): HtarOptions | string {
  const flags = new Set<string>();
  const found: string[] = [];
  const values: Record<string, string> = {};
  const special: string[] = [];
  const files: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (word === '--') {
      files.push(...argv.slice(at + 1));
      break;
    }
    if (!/^-./s.test(word)) {
      files.push(word);
      continue;
    }
    for (let place = 1; place < word.length; place += 1) {
      const letter = word[place]!;
      if (actions.includes(letter)) found.push(letter);
      else if (simple.includes(letter)) flags.add(letter);
      else if (valued.includes(letter)) {
        const value = word.slice(place + 1) || argv[++at];
        if (value === undefined) return `option -${letter} needs a value`;
        if (letter === 'H') special.push(...value.split(':'));
        else values[letter] = value;
        break;
      } else return `unknown option -${letter}`;
    }
  }
  if (found.length !== 1) return 'exactly one of -c -t -x -K -X -D -U is needed';
  if (values.f === undefined) return 'option -f is needed';
  if (flags.has('w')) return 'option -w needs a terminal';
  const numbers = numbersOf(values);
  if (typeof numbers === 'string') return numbers;
  const specials = specialsOf(special);
  if (typeof specials === 'string') return specials;
  return {
    action: found[0] as Action,
    archive: values.f,
    flags,
    ...(values.L === undefined ? {} : { listFile: values.L }),
    ...(values.I === undefined ? {} : { index: values.I }),
    ...numbers,
    ...specials,
    files,
  };
}

type Numbers = Pick<HtarOptions, 'mostMembers' | 'days' | 'service' | 'threads'>;

function numbersOf(values: Readonly<Record<string, string>>): Numbers | string {
  const mostMembers = Number(values.M ?? defaultMembers);
  const days = Number(values.n ?? 0);
  const threads = Number(values.T ?? 1);
  const service = Number((values.Y ?? '0').split(':')[0]);
  if (!Number.isInteger(mostMembers) || mostMembers < 1 || mostMembers > hardMembers) {
    return `invalid -M value, the most is ${hardMembers}`;
  }
  if (![days, threads, service].every((one) => Number.isInteger(one) && one >= 0)) return 'invalid number';
  return {
    mostMembers,
    threads,
    ...(values.n === undefined ? {} : { days }),
    ...(values.Y === undefined ? {} : { service }),
  };
}

type Specials = Pick<HtarOptions, 'crc' | 'verify' | 'stage' | 'removeLocal'>;

function specialsOf(special: readonly string[]): Specials | string {
  let crc = false;
  let stage = true;
  let removeLocal = false;
  const verify = new Set<string>();
  for (const one of special) {
    if (one === 'crc') crc = true;
    else if (one === 'nostage') stage = false;
    else if (one === 'rmlocal') removeLocal = true;
    else if (one.startsWith('verify=')) {
      for (const level of one.slice('verify='.length).split(',')) {
        if (!verifications.includes(level)) return `unknown -H verify option ${level}`;
        verify.add(level);
      }
    } else return `unknown -H option ${one}`;
  }
  return { crc, stage, removeLocal, verify };
}
