import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { StorageElement } from './world.ts';

/** What a storage element is told about one access. */
export interface Access {
  readonly turl: string;
  readonly access: 'read' | 'write';
  readonly lfn: string;
  readonly guid: string;
  /** Of the archive, where a member of it is meant. */
  readonly zguid?: string;
  readonly size?: string;
  readonly md5?: string;
  readonly se: StorageElement['name'];
}

const lifeSeconds = 86_400;

/** The signed envelope, in the form of servers since version 200: fields in the order that `hashord` says, and SHA384withRSA over them. */
export function signedEnvelope(access: Access, key: KeyObject, nowMs: number): string {
  const { turl, access: kind, lfn, guid, zguid, size, md5, se } = access;
  const given = Object.entries({ turl, access: kind, lfn, guid, zguid, size, md5, se }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const issued = Math.floor(nowMs / 1000);
  const names = [...given.map(([name]) => name), 'hashord', 'issuer', 'issued', 'expires'];
  const fields: readonly (readonly [string, string | number])[] = [
    ...given,
    ['hashord', names.join('-')],
    ['issuer', 'jsh_localhost'],
    ['issued', issued],
    ['expires', issued + lifeSeconds],
  ];
  const text = fields.map(([name, value]) => `${name}=${value}`).join('&');
  return `${text}&signature=${sign('sha384', Buffer.from(text), key).toString('base64')}`;
}

/** The fields of an envelope that we signed and that has not expired; undefined for anything else. */
export function openEnvelope(envelope: string, key: KeyObject, nowMs: number): ReadonlyMap<string, string> | undefined {
  const at = envelope.lastIndexOf('&signature=');
  if (at < 0) return undefined;
  const text = envelope.slice(0, at);
  const signature = Buffer.from(envelope.slice(at + '&signature='.length), 'base64');
  if (!verify('sha384', Buffer.from(text), createPublicKey(key), signature)) return undefined;
  const fields = new Map(fieldsOf(text));
  return Number(fields.get('expires')) * 1000 > nowMs ? fields : undefined;
}

/** An LFN may hold `&` and `=`: a field ends where the next one of the order begins. */
function fieldsOf(text: string): readonly (readonly [string, string])[] {
  const order = /&hashord=([a-z0-9-]+)&/.exec(text)?.[1]?.split('-') ?? [];
  const fields: [string, string][] = [];
  let from = 0;
  for (const [index, name] of order.entries()) {
    const start = from + name.length + 1;
    const next = order[index + 1];
    const end = next === undefined ? text.length : text.indexOf(`&${next}=`, start);
    fields.push([name, text.slice(start, end)]);
    from = end + 1;
  }
  return fields;
}
