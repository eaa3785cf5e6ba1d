import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { namesIfThere } from '../durable/names-if-there.ts';
import { readIfThere } from '../durable/read-if-there.ts';
import { writeWhole } from '../durable/whole-file.ts';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';

/** A replica that a storage element was asked to keep. The envelope is secret, and ends after a day. */
export interface BookedReplica {
  readonly se: string;
  readonly url: string;
  readonly envelope: string;
}

/** What is being sent to storage elements and is not yet in the catalogue: nobody else knows of it. */
export interface Booking {
  readonly location: string;
  readonly key: string;
  readonly token: string;
  readonly guid: string;
  readonly bytes: number;
  readonly md5: string;
  readonly replicas: readonly BookedReplica[];
}

/** The bookings of a state folder, each a file for its owner alone. */
export interface GridBookings {
  /** Resolved: it survives us. What was noted of the same token before is replaced. */
  note(booking: Booking): Promise<void>;
  /** Idempotent. */
  forget(token: string): Promise<void>;
  read(token: string): Promise<Booking | undefined>;
  /** Those of this store. */
  all(): Promise<readonly Booking[]>;
}

/** The bookings in a folder, which is made with the first. */
export function gridBookings(files: FileOperations, folder: string, location: string): GridBookings {
  const path = (token: string) => `${folder}/${token}.json`;

  async function read(token: string): Promise<Booking | undefined> {
    const text = await readIfThere(path(token));
    const booking = text === undefined ? undefined : parse(text);
    if (booking !== 'unreadable') return booking;
    throw new StowageError('unavailable', `'${displayName(path(token))}' is no booking that can be read`, {
      hint: 'what was being sent then is left to the Grid’s own cleaning; remove the file',
    });
  }

  return {
    read,
    async note(booking) {
      await makeFolder(files, folder);
      const text = `${JSON.stringify({ format: 'stowage-grid-booking-1', ...booking })}\n`;
      await writeWhole(files, path(booking.token), text, { replace: true, mode: 0o600 });
    },
    async forget(token) {
      await files.unlink(path(token)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove '${displayName(path(token))}'`, error);
      });
    },
    async all() {
      const names = await namesIfThere(folder);
      const tokens = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
      const found = await Promise.all(tokens.map(read));
      return found.flatMap((one) => (one?.location === location ? [one] : []));
    },
  };
}

function parse(text: string): Booking | 'unreadable' {
  let value: Partial<Booking>;
  try {
    value = JSON.parse(text) as Partial<Booking>;
  } catch {
    return 'unreadable';
  }
  const { location, key, token, guid, bytes, md5, replicas } = value ?? {};
  const isWhole = [location, key, token, guid, md5].every((one) => typeof one === 'string');
  if (!isWhole || typeof bytes !== 'number' || !Array.isArray(replicas)) return 'unreadable';
  return value as Booking;
}
