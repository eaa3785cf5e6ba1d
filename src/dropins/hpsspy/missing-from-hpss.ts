#!/usr/bin/env node
import { listenToSignals } from '../../signals.ts';
import { main } from './main.ts';

const tellStopping = () =>
  process.stderr.write('\nstopping when what is under way is done; interrupt again to abort at once\n');
const isStoring = process.argv.slice(2).some((one) => /^(?:-[a-zA-Z]*p|--p)/.test(one));
const signals = listenToSignals(isStoring, tellStopping);
process.exitCode = await main(undefined, undefined, signals);
signals.end();
