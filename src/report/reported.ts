import type { PoolEvent } from '../pool/pool-event.ts';
import type { Event } from '../verbs/events.ts';

/** Everything that a command can have to say. */
export type Reported = Event | PoolEvent;
