/** One line of a long listing, in any of its forms, as it is printed. */
export interface ListingLine {
  /** `d`, `-`, `l`, or another letter. */
  readonly type: string;
  /** Nine letters. */
  readonly permission: string;
  /** An ACL mark behind them, or empty. */
  readonly mark: string;
  readonly links: number;
  readonly owner: string;
  readonly group: string;
  readonly bytes: number;
  readonly weekDay: string;
  readonly month: string;
  readonly day: number;
  /** `21:44:36`, `21:44`, or empty. */
  readonly clock: string;
  /** Undefined where the short form leaves it out. */
  readonly year: number | undefined;
  /** With `@ -> TARGET` behind it for a link. */
  readonly name: string;
  readonly service?: string;
  readonly account?: string;
  /** `DISK`, `TAPE`, or another word. */
  readonly place?: string;
}

const line = new RegExp(
  [
    /^([a-zA-Z-])([-rwxsStTlL]{9})([+.@*]?)\s+/, // type, permissions, ACL mark
    /(\d+)\s+(\S+)\s+(\S+)\s+/, // links, owner, group
    /(?:(\d+)\s+)?(?:(\S+)\s+)?(?:([A-Z][A-Z0-9_]*)\s+)?/, // class of service, account, place: of -U, not for each type
    /([\d,]+)\s+/, // bytes
    /(?:([A-Z][a-z][a-z])\s+)?([A-Z][a-z][a-z])\s+(\d{1,2})\s+/, // week day, month, day
    /(?:(\d{1,2}:\d\d(?::\d\d)?)(?:\s+(\d{4}))?|(\d{4})) /, // clock, year
    /(.+)$/s,
  ]
    .map(({ source }) => source)
    .join(''),
);

/** The line in its parts, or undefined if it is no line of a listing. */
export function listingLine(text: string): ListingLine | undefined {
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, type, permission, mark, links, owner, group] = match as unknown as string[];
  const [service, account, place, bytes, weekDay, month, day, clock, yearBehind, yearAlone, name] = match.slice(7);
  // Where one number stands before the size it is the account: a directory has no class of service.
  const columns = service !== undefined && account === undefined ? { account: service } : { service, account };
  return {
    type: type!,
    permission: permission!,
    mark: mark!,
    links: Number(links),
    owner: owner!,
    group: group!,
    bytes: Number(bytes!.replaceAll(',', '')),
    weekDay: weekDay ?? '',
    month: month!,
    day: Number(day),
    clock: clock ?? '',
    year: yearBehind === undefined && yearAlone === undefined ? undefined : Number(yearBehind ?? yearAlone),
    name: name!,
    ...(columns.service === undefined ? {} : { service: columns.service }),
    ...(columns.account === undefined ? {} : { account: columns.account }),
    ...(place === undefined ? {} : { place }),
  };
}

/** Name and target of a link as it is listed, `NAME@ -> TARGET`; some builds leave the mark out. Undefined if there is no target. */
export function linkParts(text: string): readonly [name: string, target: string] | undefined {
  const marked = text.indexOf('@ -> ');
  if (marked > 0) return [text.slice(0, marked), text.slice(marked + 5)];
  const plain = text.indexOf(' -> ');
  return plain > 0 ? [text.slice(0, plain), text.slice(plain + 4)] : undefined;
}
