/** What HPSS answers when it will not: errno numbers with a minus sign, and two ranges of its own (specification 1, error text). */
export const hpssCodes = {
  EPERM: { code: -1, text: 'Operation not permitted' },
  ENOENT: { code: -2, text: 'No such file or directory' },
  EIO: { code: -5, text: 'Input/output error' },
  EAGAIN: { code: -11, text: 'Resource temporarily unavailable' },
  EACCES: { code: -13, text: 'Permission denied' },
  EBUSY: { code: -16, text: 'Device or resource busy' },
  EEXIST: { code: -17, text: 'File exists' },
  ENOTDIR: { code: -20, text: 'Not a directory' },
  EISDIR: { code: -21, text: 'Is a directory' },
  EINVAL: { code: -22, text: 'Invalid argument' },
  ENOSPC: { code: -28, text: 'No space left on device' },
  ENAMETOOLONG: { code: -36, text: 'File name too long' },
  ENOTEMPTY: { code: -39, text: 'Directory not empty' },
  ELOOP: { code: -40, text: 'Too many levels of symbolic links' },
  EDQUOT: { code: -122, text: 'Disk quota exceeded' },
} as const;

export type HpssSymbol = keyof typeof hpssCodes;

/** HPSS refuses one deed; the command that asked says so in its own words. */
export class HpssError extends Error {
  override readonly name = 'HpssError';
  readonly symbol: HpssSymbol;
  readonly path: string;

  constructor(symbol: HpssSymbol, path: string) {
    super(`${hpssCodes[symbol].text}: HPSS_${symbol} ${path}`);
    this.symbol = symbol;
    this.path = path;
  }

  get code(): number {
    return hpssCodes[this.symbol].code;
  }
}

/** A fault of the disk below, as HPSS would put it; anything else is thrown on. */
export function asHpssError(error: unknown, path: string): HpssError {
  if (error instanceof HpssError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !(code in hpssCodes)) throw error;
  return new HpssError(code as HpssSymbol, path);
}

/** Does one deed on the disk below; what it fails with is put as HPSS would. */
export function attempt<T>(path: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    throw asHpssError(error, path);
  }
}

/** Exit statuses, as in sysexits.h (specification 1, exit status). */
export const exits = {
  ok: 0,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  osError: 71,
  fileMissing: 72,
  cannotCreate: 73,
  io: 74,
  temporary: 75,
  permission: 77,
} as const;

/** The exit status that an error leaves behind; 64 where nothing else is noted. */
export function exitOf(symbol: HpssSymbol): number {
  switch (symbol) {
    case 'EPERM':
    case 'EACCES':
      return exits.permission;
    case 'EIO':
    case 'ENOSPC':
    case 'EDQUOT':
      return exits.io;
    case 'EAGAIN':
    case 'EBUSY':
      return exits.temporary;
    default:
      return exits.usage;
  }
}
