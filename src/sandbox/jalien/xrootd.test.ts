import { chmodSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasXrootd, startXrootd } from './xrootd.ts';

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    onTestFinished(() => void socket.destroy());
  });
}

needing(hasXrootd()).test(
  'a server that a killed process left running is ended before the next one starts',
  async () => {
    const above = await scratchFolder();
    chmodSync(above, 0o755);
    const folder = join(above, 'se');
    const left = await startXrootd('one', folder);
    onTestFinished(() => left.stop());
    const next = await startXrootd('one', folder);
    onTestFinished(() => next.stop());
    expect([await listens(left.port), await listens(next.port)]).toEqual([false, true]);
  },
);
