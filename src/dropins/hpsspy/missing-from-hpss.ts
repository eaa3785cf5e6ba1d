#!/usr/bin/env node
import { endTruly, standardStreams } from '../../report/standard-streams.ts';
import { listenToSignals } from '../../signals.ts';
import { main } from './main.ts';

const output = standardStreams('missing_from_hpss');
endTruly(output, 1);
const tellStopping = () => output.err('\nstopping when what is under way is done; interrupt again to abort at once\n');
const isStoring = process.argv.slice(2).some((one) => /^(?:-[a-zA-Z]*p|--p)/.test(one));
const signals = listenToSignals(isStoring, tellStopping);
process.exitCode = await main(undefined, output, { ...signals, ownsProcess: true });
signals.end();
