import { isStowageError } from '../../../errors.ts';
import type { CopyOptions } from '../../../grid/copy/copy-options.ts';
import type { Environment } from '../../../grid/environment.ts';
import type { Limits } from '../../../grid/xrootd/limits.ts';
import { bytesOf, wholeNumber } from './copy-line.ts';

/** What the variables of XRootD's own client come to here. */
export interface XrdSettings {
  /** Of the XRootD session. */
  readonly limits: Partial<Limits>;
  readonly options: Omit<CopyOptions, 'signal'>;
  /** What a user should know of variables that are set. */
  readonly told: readonly string[];
}

type Meant = { readonly limits?: Partial<Limits>; readonly options?: Omit<CopyOptions, 'signal'> };

interface XrdVariable {
  readonly says: string;
  /** What alien.py sets it to where nothing is said, if that is another than ours. */
  readonly initial?: string;
  means(text: string): Meant;
}

const day = 86_400;
const seconds = (text: string) => wholeNumber('', text, 1, day) * 1000;
const limitOrNone = (name: 'timeoutSeconds' | 'bytesPerSecondAtLeast', text: string): Meant => {
  const limit = wholeNumber('', text, 0, Number.MAX_SAFE_INTEGER);
  return limit === 0 ? {} : { options: { [name]: limit } };
};

/** The variables that are honoured, each with its meaning here. The documentation is held to this table. */
export const xrdVariables: Readonly<Record<string, XrdVariable>> = {
  XRD_REQUESTTIMEOUT: {
    says: 'the most seconds for one request, whatever trickles in; 1200 if not set',
    initial: '1200',
    means: (text) => ({ limits: { requestMs: seconds(text) } }),
  },
  XRD_STREAMTIMEOUT: {
    says: 'the most seconds without a byte while an answer is awaited; 60 if not set',
    initial: '60',
    means: (text) => ({ limits: { silenceMs: seconds(text) } }),
  },
  XRD_CONNECTIONWINDOW: {
    says: 'the most seconds until a storage element is connected and knows us; 10 if not set',
    initial: '10',
    means: (text) => ({ limits: { connectMs: seconds(text) } }),
  },
  XRD_CONNECTIONRETRY: {
    says: 'how often a connection that was lost is made again; 3 if not set',
    initial: '3',
    means: (text) => ({ limits: { retries: wholeNumber('', text, 0, 100) } }),
  },
  XRD_CPINITTIMEOUT: {
    says: 'the most seconds that a storage element may ask us to wait, as for a file on tape; 1800 if not set',
    means: (text) => ({ limits: { waitMs: seconds(text) } }),
  },
  XRD_REDIRECTLIMIT: {
    says: 'how often one request may be sent elsewhere; 16 if not set',
    means: (text) => ({ limits: { redirects: wholeNumber('', text, 1, 1000) } }),
  },
  XRD_CPRETRY: {
    says: 'as -retry',
    means: (text) => ({ options: { retries: wholeNumber('', text, 0, 100) } }),
  },
  XRD_CPTIMEOUT: {
    says: 'as -timeout; 0 is no limit',
    means: (text) => limitOrNone('timeoutSeconds', text),
  },
  XRD_XRATETHRESHOLD: {
    says: 'as -ratethreshold; 0 is no limit',
    means: (text) => limitOrNone('bytesPerSecondAtLeast', text),
  },
  XRD_SUBSTREAMSPERCHANNEL: {
    says: 'as -S',
    means: (text) => ({ options: { streams: wholeNumber('', text, 1, 15) } }),
  },
  XRD_CPPARALLELCHUNKS: {
    says: 'as -chunks',
    means: (text) => ({ options: { chunks: wholeNumber('', text, 1, 255) } }),
  },
  XRD_CPCHUNKSIZE: {
    says: 'as -chunksz',
    means: (text) => ({ options: { chunkBytes: bytesOf('', text) } }),
  },
  ALIENPY_NOXRDZIP: {
    says: 'as -noxrdzip, unless it is 0, false, no or off',
    means: (text) => (/^(0|false|no|off)$/i.test(text) ? {} : { options: { unpackHere: true } }),
  },
};

/** What is always so here, whatever these say; told nothing where they agree with it. */
const settled: Readonly<Record<string, { readonly agrees: RegExp; readonly says: string }>> = {
  XRD_ZIPMTLNCKSUM: { agrees: /^1$/, says: 'members of archives are always checked' },
  XRD_CPRETRYPOLICY: { agrees: /^force$/, says: 'another try begins from the beginning' },
  XRD_LOGLEVEL: { agrees: /^$/, says: '`alien.py -debug` writes a log' },
  XRD_LOGFILE: { agrees: /^$/, says: '`alien.py -debug` writes a log' },
  ALIENPY_KEEP_META: {
    agrees: /^(0|false|no|off)$/i,
    says: 'there is no metalink file to keep; `lfn2uri LFN meta` makes one',
  },
  XRD_CPUSEPGWRTRD: { agrees: /^1$/, says: 'pages are checked where nothing else guards them' },
};

/** Reads the variables. One that is not honoured, or has a value that cannot be, is told and counts as not set. */
export function xrdSettings(env: Environment): XrdSettings {
  let limits: Partial<Limits> = {};
  let options: Omit<CopyOptions, 'signal'> = {};
  const take = (meant: Meant): void => {
    limits = { ...limits, ...meant.limits };
    options = { ...options, ...meant.options };
  };
  const told: string[] = [];
  for (const [name, { initial, means }] of Object.entries(xrdVariables)) {
    const text = env[name];
    if (initial !== undefined) take(means(initial));
    if (text === undefined || text === '') continue;
    try {
      take(means(text));
    } catch (error) {
      if (!isStowageError(error, 'usage')) throw error;
      told.push(`${name} counts as not set${error.message.replace(/^cp: :/, ':')}`);
    }
  }
  for (const name of Object.keys(env).sort()) {
    const known = Object.hasOwn(settled, name) ? settled[name] : undefined;
    if (!env[name] || Object.hasOwn(xrdVariables, name) || (known === undefined && !name.startsWith('XRD_'))) continue;
    if (known?.agrees.test(env[name]) === true) continue;
    told.push(`${name} changes nothing here${known === undefined ? '' : `: ${known.says}`}`);
  }
  return { limits, options, told };
}
