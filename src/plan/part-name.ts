/** The name of a part of an archive that is split: `x.tar` → `x.part0001.tar`. Numbers begin with 1. */
export function partName(name: string, number: number): string {
  return `${name.slice(0, -'.tar'.length)}.part${String(number).padStart(4, '0')}.tar`;
}

/** The archive that a name would be a part of, and its number; undefined if it is no name of a part. */
export function partOf(name: string): { readonly name: string; readonly number: number } | undefined {
  const match = /^(.*[^/])\.part([0-9]{4,9})\.tar$/su.exec(name);
  if (match === null) return undefined;
  const part = { name: `${match[1]}.tar`, number: Number(match[2]) };
  return part.number > 0 && partName(part.name, part.number) === name ? part : undefined;
}
