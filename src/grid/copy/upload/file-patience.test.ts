import { expect, test } from 'vitest';
import { until } from '../../../../test/waiting.ts';
import { StowageError } from '../../../errors.ts';
import { filePatience } from './file-patience.ts';

const ended = new StowageError('interrupted', 'stopped');
const other = new StowageError('full', 'no space');

test('a file that takes too long ends all its replicas, and says so; another failure stays what it was', async () => {
  const patience = filePatience({ timeoutSeconds: 0.02 });
  const [one, two] = [patience.replica(), patience.replica()];
  await until('the time is over', () => one.signal.aborted && two.signal.aborted);
  expect(patience.isOver()).toBe(true);
  expect(one.explain(ended)).toMatchObject({ code: 'unavailable', message: 'it took longer than 0.02 s' });
  expect(two.explain(other)).toBe(other);
  patience.end();
});

test('a replica that is too slow ends alone', async () => {
  const patience = filePatience({ bytesPerSecondAtLeast: 1000 }, 20);
  const [slow, fast] = [patience.replica(), patience.replica()];
  fast.moved(Number.MAX_SAFE_INTEGER);
  fast.end();
  await until('the slow one is ended', () => slow.signal.aborted);
  expect(slow.explain(ended)).toMatchObject({ code: 'unavailable', message: 'slower than 1000 bytes/s' });
  expect([fast.signal.aborted, patience.isOver()]).toEqual([false, false]);
  slow.end();
  patience.end();
});

test('without a limit there is none', () => {
  const patience = filePatience({});
  const one = patience.replica();
  expect(one.explain(ended)).toBe(ended);
  one.end();
  patience.end();
});
