/** What a text of hsi or htar says went wrong. */
export interface Failure {
  readonly kind:
    | 'authentication'
    | 'down'
    | 'lost'
    | 'busy'
    | 'firewall'
    | 'permission'
    | 'absent'
    | 'io'
    | 'exists'
    | 'shape'
    | 'argument'
    | 'full'
    | 'unknown';
  readonly hpssCode: number | undefined;
  readonly retry: 'no' | 'soon' | 'later';
  /** The line that says it; the first line if none does. */
  readonly line: string;
}

/** Sentences that say more than any number beside them; the first that is in the text counts. */
const sentences: readonly (readonly [RegExp, Failure['kind']])[] = [
  [/too many sessions/i, 'busy'],
  [/unable to obtain remote site info|HPSS Unavailable|HPSS_ESYSTEM|(?:result =|Error) -5\d{3}\b/, 'down'],
  [/connect: Connection refused|Aborting transfer/, 'lost'],
  [/-11000\b|Unable to authenticate|authentication\/initialization failed/, 'authentication'],
  [/\b(?:put|get): Error -5 on transfer/, 'firewall'],
  [/No matching names located/, 'absent'],
  [/checksum mismatch/, 'io'],
];

/** errno numbers with a minus sign, by the names that hsi prints. Only some were seen in the wild; the others are likely. */
const numbers: Readonly<Record<string, readonly [number, Failure['kind']]>> = {
  EPERM: [-1, 'permission'],
  ENOENT: [-2, 'absent'],
  EIO: [-5, 'io'],
  EAGAIN: [-11, 'busy'],
  EACCES: [-13, 'permission'],
  EBUSY: [-16, 'busy'],
  EEXIST: [-17, 'exists'],
  ENOTDIR: [-20, 'shape'],
  EISDIR: [-21, 'shape'],
  EINVAL: [-22, 'argument'],
  ENOSPC: [-28, 'full'],
  ENAMETOOLONG: [-36, 'argument'],
  ENOTEMPTY: [-39, 'shape'],
  ELOOP: [-40, 'shape'],
  EDQUOT: [-122, 'full'],
};

const retries: Readonly<Partial<Record<Failure['kind'], Failure['retry']>>> = {
  down: 'later',
  lost: 'soon',
  busy: 'soon',
  io: 'soon',
};

/** A line that tells of something that went wrong, and is nothing that was asked for. The first line need not be one. */
const complaint =
  /^\s*\*{2,}|^Warning: |^(?:###)?WARNING|^ERROR: |^Error\b|HPSS_E[A-Z]+\b|\b(?:put|get|cput|cget): Error -?\d+|\bresult = -\d+|Unable to (?:authenticate|setup)|HPSS Unavailable|Connection refused|unable to obtain|Aborting transfer|no valid checksum found|checksum not set/;

/** True for a line in which hsi complains. */
export function isComplaint(line: string): boolean {
  return complaint.test(line);
}

/** What a text says went wrong. */
export function failureIn(text: string): Failure {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const sentence = sentences.find(([pattern]) => pattern.test(text));
  const symbol = /HPSS_(E[A-Z]+)\b/.exec(text)?.[1];
  const number = /(?:result =|Error) (-\d+)/.exec(text)?.[1];
  const known =
    numbers[symbol ?? ''] ?? Object.values(numbers).find(([code]) => number !== undefined && code === Number(number));
  const kind = sentence?.[1] ?? known?.[1] ?? 'unknown';
  const hpssCode = number === undefined ? known?.[0] : Number(number);
  const line = lines.find((one) => sentence?.[0].test(one)) ?? lines.find(isComplaint) ?? lines[0] ?? '';
  return { kind, hpssCode, retry: retries[kind] ?? 'no', line: line.trim() };
}
