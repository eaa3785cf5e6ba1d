import { displayName } from '../model/byte-name.ts';
import { followLinks, linkedPath } from './follow-links.ts';
import { HpssError, HpssOSError } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { type HtarEntry, htarEntries } from './htar-entries.ts';
import { modeOf } from './htar-index.ts';
import { type ListingLine, linkParts } from './listing-line.ts';
import { epochSeconds } from './site-zone.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const typeBits: Readonly<Record<string, number>> = { d: 0o040000, '-': 0o100000, l: 0o120000 };

/**
 * What HPSS says of one file, directory or link: a line of a listing. Sizes are bytes. The fields named `raw…` are as they were printed; the others
 * are made of them. Reaches HPSS in `isdir` of a link, and in `htarContents`.
 */
export class HpssFile {
  /** The directory that was listed. */
  readonly hpssPath: string;
  readonly rawType: string;
  readonly rawPermission: string;
  readonly stNlink: number;
  /** The owner's name. */
  readonly stUid: string;
  /** The group's name. */
  readonly stGid: string;
  /** Bytes. */
  readonly stSize: number;
  readonly rawDow: string;
  readonly rawMonth: string;
  readonly rawDay: number;
  readonly rawHms: string;
  readonly rawYear: number;
  readonly rawName: string;
  /** True for a `.tar` with an index beside it; a listing of its directory knows. */
  ishtar = false;
  /** How it is reached, and the zone of its time. */
  readonly options: HpssOptions;
  /** Of the `-U` form, where it was asked for. */
  readonly service: string | undefined;
  readonly account: string | undefined;
  /** `DISK` or `TAPE`. */
  readonly place: string | undefined;
  private contents: Promise<readonly HtarEntry[]> | undefined;

  /** The thirteen fields of a line of `ls -D`, behind the directory's path. */
  constructor(
    fields: readonly [
      hpssPath: string,
      type: string,
      permission: string,
      links: number,
      owner: string,
      group: string,
      bytes: number,
      weekDay: string,
      month: string,
      day: number,
      clock: string,
      year: number,
      name: string,
    ],
    options: HpssOptions = {},
    columns: Pick<ListingLine, 'service' | 'account' | 'place'> = {},
  ) {
    [this.hpssPath, this.rawType, this.rawPermission, this.stNlink, this.stUid, this.stGid, this.stSize] = fields;
    [, , , , , , , this.rawDow, this.rawMonth, this.rawDay, this.rawHms, this.rawYear, this.rawName] = fields;
    this.options = options;
    this.service = columns.service;
    this.account = columns.account;
    this.place = columns.place;
  }

  /** True if it is a link itself. */
  get islink(): boolean {
    return this.rawType === 'l';
  }

  /** The name, without what stands behind a link's. */
  get name(): string {
    return this.islink ? (linkParts(this.rawName)?.[0] ?? this.rawName) : this.rawName;
  }

  /** The full path. */
  get path(): string {
    // Asked for by its path it is shown under it.
    if (this.name.startsWith('/') || this.name === this.hpssPath) return this.name;
    return this.hpssPath.endsWith('/') ? `${this.hpssPath}${this.name}` : `${this.hpssPath}/${this.name}`;
  }

  /** Where a link leads, as it is written there. Throws for what is no link. */
  get readlink(): string {
    const target = this.islink ? linkParts(this.rawName)?.[1] : undefined;
    if (target !== undefined) return target;
    const message = `Invalid argument: '${displayName(this.name)}'`;
    const failure = { kind: 'argument', hpssCode: -22, retry: 'no' } as const;
    throw new HpssOSError('unavailable', message, message, failure);
  }

  /** Type and permissions, as `stat` has them. Throws for a type that is neither file, directory nor link. */
  get stMode(): number {
    const type = typeBits[this.rawType];
    if (type === undefined)
      throw new HpssError('unavailable', `unknown type '${this.rawType}' of '${displayName(this.name)}'`);
    return type | modeOf(this.rawPermission);
  }

  /** Seconds since 1970 UTC, by the zone of the options. Throws if what was printed is no time. */
  get stMtime(): number {
    const month = months.indexOf(this.rawMonth) + 1;
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(this.rawHms);
    if (month === 0 || clock === null)
      throw new HpssError('unavailable', `no time: '${this.rawMonth} ${this.rawDay} ${this.rawHms} ${this.rawYear}'`);
    const [hour, minute, second] = clock.slice(1).map(Number) as [number, number, number];
    return epochSeconds({ year: this.rawYear, month, day: this.rawDay, hour, minute, second }, this.options.zone);
  }

  /** True for a directory, and for a link that leads to one. */
  async isdir(): Promise<boolean> {
    if (!this.islink) return this.rawType === 'd';
    const [found] = await followLinks([linkedPath(this.path, this.readlink)], this.options);
    return found?.line.type === 'd';
  }

  /** What an archive of htar holds, by its index; undefined for what is none. Asked once and kept. */
  async htarContents(): Promise<readonly HtarEntry[] | undefined> {
    if (!this.ishtar) return undefined;
    this.contents ??= htarEntries(this.path, this.options);
    return this.contents;
  }
}
