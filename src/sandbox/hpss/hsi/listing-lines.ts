import { type Attributes, attributesOf, type HeldObject } from '../system/attributes.ts';
import { permissions } from '../system/mode-text.ts';
import { nowMs } from '../system/system.ts';
import type { Session } from './session.ts';

/** How `ls` prints an object (specification 1, ls forms). */
export interface ListingForm {
  readonly long: boolean;
  /** Full date and seconds. */
  readonly fullDate: boolean;
  /** Columns for class of service, account and place. */
  readonly service: boolean;
  /** Tab-separated lines with the place on tape. */
  readonly position: boolean;
  /** The time of the last access instead of the last change. */
  readonly accessed: boolean;
}

/** The line for one object under the name that is to be shown. */
export function listingLine(session: Session, object: HeldObject, shown: string, form: ListingForm): string {
  const attributes = attributesOf(session.system, object);
  if (form.position) return positionLine(session, object, attributes);
  if (!form.long) return `${shown}${{ d: '/', l: '@', '-': '' }[object.type]}`;
  const name = object.type === 'l' ? `${shown}@ -> ${object.target}` : shown;
  const ms = form.accessed ? attributes.accessedMs : object.mtimeMs;
  const date = form.fullDate ? session.times.full(ms) : session.times.short(ms, nowMs(session.system));
  const owner = `${attributes.owner.padEnd(9)} ${attributes.group.padEnd(9)}`;
  const start = `${object.type}${permissions(attributes.mode)} ${String(object.links).padStart(4)} ${owner}`;
  if (!form.service) return `${start}${String(object.bytes).padStart(10)} ${date} ${name}`;
  const isFile = object.type === '-';
  const service = isFile ? String(attributes.service) : '';
  const where = isFile ? (attributes.onDisk ? 'DISK' : 'TAPE') : '';
  const columns = `${service.padStart(6)}${String(attributes.account).padStart(13)} ${where.padEnd(4)}`;
  return `${start}${columns}${String(object.bytes).padStart(14)} ${date} ${name}`;
}

function positionLine({ times, system }: Session, object: HeldObject, attributes: Attributes): string {
  if (object.type === 'd') return `DIRECTORY\t${object.path}`;
  if (object.type === 'l') return `LINK\t${object.path}`;
  const { tape } = attributes;
  const copies = system.settings.classes.find(({ id }) => id === attributes.service)?.copies ?? 1;
  return [
    'FILE',
    object.path,
    String(object.bytes).padStart(12),
    String(tape === undefined ? 0 : object.bytes).padStart(12),
    tape === undefined ? '0' : `${tape.section}+${tape.offset}`,
    (tape?.cartridge ?? '').padEnd(8),
    String(attributes.service),
    '0',
    String(copies),
    ...times.american(attributes.createdMs),
    ...times.american(object.mtimeMs),
  ].join('\t');
}
