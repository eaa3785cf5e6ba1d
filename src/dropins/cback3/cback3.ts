#!/usr/bin/env node
import { endTruly, standardStreams } from '../../report/standard-streams.ts';
import { main, statuses } from './main.ts';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second one ends it as the system does.
  process.once(signal, () => abort.abort(signal));
}
const output = standardStreams('cback3');
endTruly(output, statuses.logging);
process.exitCode = await main(process.argv.slice(2), output, { signal: abort.signal });
