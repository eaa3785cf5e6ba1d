import { expect, test } from 'vitest';
import { severityOf } from './finding.ts';

test.each([
  ['unreadable', { kind: 'unreadable', reason: 'permission denied' }, 'blind'],
  ['vanished', { kind: 'vanished', reason: 'no such file or directory' }, 'problem'],
  ['no file', { kind: 'special', type: 'fifo' }, 'problem'],
] as const)('a file that is %s', (_, why, severity) => {
  expect(severityOf({ kind: 'refused', path: 'a', why })).toBe(severity);
});
