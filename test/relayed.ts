import { onTestFinished } from 'vitest';
import { type LineOptions, type Relay, startRelay } from '../src/sandbox/relay.ts';

/** A line to a port, which ends with the running test. */
export async function relayed(port: number, line: LineOptions): Promise<Relay> {
  const relay = await startRelay(port, line);
  onTestFinished(() => relay.stop());
  return relay;
}
