import { nameFromRaw } from '../model/byte-name.ts';
import { escapeName } from '../shards/escaped-name.ts';

const mustEscape = /[%\x00-\x1f",\x7f-\xff]/;

/** A raw name or path (model/byte-name.ts) as it stands in a listing. */
export function escapeRaw(raw: string): string {
  return mustEscape.test(raw) ? escapeName(nameFromRaw(raw)) : raw;
}
