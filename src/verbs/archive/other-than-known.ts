import type { MemberLines } from '../../catalog/member-lines.ts';
import { nameFromJson } from '../../model/byte-name.ts';

/** The first file whose digest is another than is known of it; undefined if there is none. */
export function otherThanKnown(lines: MemberLines, digests: ReadonlyMap<string, string>): string | undefined {
  for (const line of linesOf(lines)) {
    const member = JSON.parse(line) as Parameters<typeof nameFromJson>[0] & { readonly sha256?: string };
    if (member.sha256 === undefined) continue;
    const path = nameFromJson(member);
    const known = digests.get(path);
    if (known !== undefined && known !== member.sha256) return path;
  }
  return undefined;
}

function* linesOf({ pieces }: MemberLines): Generator<string> {
  let rest: Uint8Array = new Uint8Array();
  for (const piece of pieces) {
    const whole = Buffer.concat([rest, piece]);
    const end = whole.lastIndexOf(0x0a) + 1;
    rest = whole.subarray(end);
    for (const line of whole.toString('utf8', 0, end).split('\n')) if (line !== '') yield line;
  }
}
