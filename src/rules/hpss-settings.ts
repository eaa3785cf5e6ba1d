import { exactInteger, type JsonMember, type JsonNode, lastMembers } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import type { ProblemList } from './problem.ts';
import { settingsKey } from './section.ts';
import { nearestWord } from './suggestion.ts';

/** What `hpss` in `__config__` says: how the site's HPSS is reached, and how patient we are. What is left out has a default. */
export interface HpssSettings {
  readonly site?: string;
  readonly authentication?: string;
  readonly gateway?: string;
  readonly zone?: string;
  readonly firewall?: boolean;
  readonly sessions?: number;
  readonly timeoutSeconds?: number;
  readonly transferTimeoutSeconds?: number;
  readonly retries?: number;
  readonly retryWaitSeconds?: number;
  readonly downWaitSeconds?: number;
  readonly htar?: boolean;
  readonly htarMembers?: number;
}

type Kind = readonly ['text'] | readonly ['flag'] | readonly ['number', least: number, most: number];

/** From how few to how many sessions there may be at once: a replacement reads the old archive while it writes, and centres allow a user fifteen. */
export const sessionsRange = [2, 15] as const;

const week = 7 * 86_400;

/** Each key as the file has it, what it is called here, and what it may be. */
const known: Readonly<Record<string, readonly [keyof HpssSettings, Kind]>> = {
  site: ['site', ['text']],
  authentication: ['authentication', ['text']],
  gateway: ['gateway', ['text']],
  zone: ['zone', ['text']],
  firewall: ['firewall', ['flag']],
  sessions: ['sessions', ['number', ...sessionsRange]],
  timeout_seconds: ['timeoutSeconds', ['number', 1, week]],
  transfer_timeout_seconds: ['transferTimeoutSeconds', ['number', 1, 4 * week]],
  retries: ['retries', ['number', 0, 100]],
  retry_wait_seconds: ['retryWaitSeconds', ['number', 0, 3600]],
  down_wait_seconds: ['downWaitSeconds', ['number', 0, week]],
  htar: ['htar', ['flag']],
  htar_members: ['htarMembers', ['number', 1, 5_000_000]],
};

/** The keys that `hpss` may have. */
export const hpssKeys: readonly string[] = Object.keys(known);

/** Reads `hpss`; what is wrong goes into the list. */
export function readHpssSettings(member: JsonMember | undefined, list: ProblemList): HpssSettings {
  if (member === undefined) return {};
  const { value } = member;
  const above = [settingsKey, 'hpss'];
  if (value.kind !== 'object') {
    list.error(value, above, `'hpss' must be an object, not ${typeName(value)}`);
    return {};
  }
  warnOfDuplicates(value.members, above, list);
  const settings: Record<string, unknown> = {};
  for (const { key, value: given, ...at } of lastMembers(value.members).values()) {
    const entry = Object.hasOwn(known, key) ? known[key] : undefined;
    if (entry === undefined) {
      const meant = nearestWord(key, hpssKeys);
      const suggestion = meant === undefined ? `known are ${hpssKeys.join(', ')}` : `did you mean '${meant}'?`;
      list.warning(at, [...above, key], `unknown key '${key}'`, suggestion);
      continue;
    }
    const [name, kind] = entry;
    const read = readValue(given, kind);
    if (read === undefined) list.error(given, [...above, key], `'${key}' must be ${words(kind)}, not ${shown(given)}`);
    else settings[name] = read;
  }
  return settings;
}

function readValue(value: JsonNode, kind: Kind): string | boolean | number | undefined {
  if (kind[0] === 'text') return value.kind === 'string' && !value.value.includes('\0') ? value.value : undefined;
  if (kind[0] === 'flag') return value.kind === 'boolean' ? value.value : undefined;
  const number = exactInteger(value);
  return number !== undefined && number >= BigInt(kind[1]) && number <= BigInt(kind[2]) ? Number(number) : undefined;
}

function words(kind: Kind): string {
  if (kind[0] === 'text') return 'a string';
  return kind[0] === 'flag' ? 'true or false' : `a whole number from ${kind[1]} to ${kind[2]}`;
}

function shown(value: JsonNode): string {
  const number = exactInteger(value);
  return number === undefined ? typeName(value) : String(number);
}
