import { StowageError } from '../errors.ts';
import { blockBytes } from './block-source.ts';

/** What a disc can be, by the names of Cedar Backup, and Blu-ray. */
export type DiscMedia = keyof typeof media;

/** What writes it. */
export type DiscDevice = 'cdwriter' | 'dvdwriter' | 'bdwriter';

interface Medium {
  readonly device: DiscDevice;
  readonly rewritable: boolean;
  readonly bytes: number;
  /** What xorriso calls what lies in the drive. */
  readonly profile: RegExp;
}

const mebi = 1024 * 1024;
const cd = (minutes: 74 | 80, rewritable: boolean): Medium => ({
  device: 'cdwriter',
  rewritable,
  bytes: (minutes === 74 ? 650 : 700) * mebi,
  profile: rewritable ? /^CD-RW/ : /^CD-R(?!W|OM)/,
});
const dvd = (rewritable: boolean): Medium => ({
  device: 'dvdwriter',
  rewritable,
  bytes: Math.floor((4.4 * 1024 * mebi) / blockBytes) * blockBytes,
  profile: rewritable ? /^DVD\+RW/ : /^DVD\+R(?!W)/,
});

/** Capacities of CD and DVD as Cedar Backup has them; those of Blu-ray are the user data blocks of the format, less the default spare area. */
const media = {
  'cdr-74': cd(74, false),
  'cdrw-74': cd(74, true),
  'cdr-80': cd(80, false),
  'cdrw-80': cd(80, true),
  'dvd+r': dvd(false),
  'dvd+rw': dvd(true),
  'bd-r': { device: 'bdwriter', rewritable: false, bytes: 11_826_176 * blockBytes, profile: /^BD-R(?!E|OM)/ },
  'bd-re': { device: 'bdwriter', rewritable: true, bytes: 11_826_176 * blockBytes, profile: /^BD-RE/ },
} as const satisfies Readonly<Record<string, Medium>>;

/** All media, in the order of the documentation. */
export const discMedia = Object.keys(media) as readonly DiscMedia[];

/** What is known of a kind of media. */
export function mediumOf(type: DiscMedia): Medium {
  return media[type];
}

/** Throws `configuration` where the device cannot write such media. */
export function requireMatch(device: DiscDevice, type: DiscMedia): void {
  if (media[type].device === device) return;
  throw new StowageError('configuration', `a ${device} does not write '${type}'`, {
    hint: `for '${type}' the device is a ${media[type].device}`,
  });
}

/** What the start of a session takes on a CD before any data, in bytes: 11400 blocks for the first session, 6900 for each that follows. */
export function leadIn(type: DiscMedia | undefined, first: boolean): number {
  if (type === undefined || media[type].device !== 'cdwriter') return 0;
  return (first ? 11_400 : 6_900) * blockBytes;
}
