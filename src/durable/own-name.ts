import { randomBytes } from 'node:crypto';
import { percentDecode, percentEncode } from '../model/percent.ts';
import { type Holder, holderState, thisHolder } from './holder.ts';

/** A fresh name that says which process it belongs to, at most some 200 bytes behind its beginning: a host's name has 64. */
export function ownName(beginning: string): string {
  return `${beginning}${ownFields()}_${randomBytes(8).toString('hex')}`;
}

/** True for a name that `ownName` gave with this beginning, in a process that is surely gone. */
export function isLeftBehind(name: string, beginning: string): boolean {
  const holder = holderIn(name, beginning);
  return holder !== undefined && holderState(holder) === 'dead';
}

let known: { readonly pid: number; readonly fields: string } | undefined;

/** Who we are costs four looks at the system, and does not change but by a fork. */
function ownFields(): string {
  if (known?.pid !== process.pid) {
    const { host, bootId, pidNamespace, pid, startTime } = thisHolder();
    const fields = [host, bootId ?? '', pidNamespace ?? '', String(pid), startTime ?? ''];
    known = { pid, fields: fields.map((field) => percentEncode(field, '-.')).join('_') };
  }
  return known.fields;
}

/** Whose it is; undefined for a name that we did not give. */
function holderIn(name: string, beginning: string): Holder | undefined {
  if (/%(?![0-9A-F]{2})/.test(name)) return undefined;
  const fields = name.startsWith(beginning) ? name.slice(beginning.length).split('_') : [];
  const [host, bootId, pidNamespace, pid, startTime, random] = fields.map((field) => percentDecode(field));
  if (fields.length !== 6 || !host || !/^[1-9]\d*$/.test(pid ?? '') || !/^[0-9a-f]{16}$/.test(random ?? ''))
    return undefined;
  return {
    host,
    ...(bootId ? { bootId } : {}),
    ...(pidNamespace ? { pidNamespace } : {}),
    pid: Number(pid),
    ...(startTime ? { startTime } : {}),
  };
}
