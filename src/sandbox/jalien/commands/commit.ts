import { type Call, type ServerCommand, usage } from '../command.ts';
import { openEnvelope } from '../envelope.ts';
import { parentOf } from '../lfn.ts';
import { type Booking, bookingKey } from '../world.ts';
import { makeDirectory, newEntry } from './directories.ts';

const commit: ServerCommand = {
  least: 1,
  usage: usage('commit   API command only, you should not need to call this directly'),
  run(call) {
    const { world, reply } = call;
    const [envelope = '', , lfn = ''] = call.args;
    const fields = openEnvelope(envelope, world.authority.hostKey, world.now());
    const key = bookingKey(fields?.get('guid'), fields?.get('se'));
    const booking = fields?.get('access') === 'write' ? world.bookings.get(key) : undefined;
    const isDone = booking !== undefined && booking.expiresMs > world.now() && register(call, booking);
    const path = booking?.lfn ?? lfn;
    if (isDone) world.unbook(key);
    else reply.fail(53, 'Nothing was registered');
    reply.set('path', path);
    reply.set('lfn', isDone ? 1 : 0);
    if (isDone) reply.set('pfn', booking.pfn);
    reply.print(`${path} ${isDone ? 1 : 0}`);
  },
};

/** Nobody looks whether anything lies at the SE. */
function register(call: Call, booking: Booking): boolean {
  const { catalogue } = call.world;
  const { lfn, guid, se, pfn, size, md5, jobid } = booking;
  const there = catalogue.get(lfn);
  const replica = { se, pfn };
  if (there !== undefined) {
    if (there.guid !== undefined && there.guid !== guid) return false;
    if (there.type !== 'f' || there.replicas.some((one) => one.se === se)) return false;
    catalogue.put({ ...there, guid, replicas: [...there.replicas, replica] });
    return true;
  }
  if (!makeDirectory(call, parentOf(lfn), true)) return false;
  const extra = { ...(md5 === '' ? {} : { md5 }), ...(jobid === undefined ? {} : { jobid }) };
  catalogue.put({ ...newEntry(call, lfn, 'f', call.world.now()), ...extra, size, guid, replicas: [replica] });
  return true;
}

export const commitCommands = { commit };
