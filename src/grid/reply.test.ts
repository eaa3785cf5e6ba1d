import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isStowageError } from '../errors.ts';
import { joinReplies, messageOf, parseReply } from './reply.ts';

const good = {
  metadata: { currentdir: '/a/b', exitcode: '2', error: 'No such file or directory : x', user: 'u', timing_ms: '0.5' },
  results: [{ message: 'one', name: 'n' }, { message: 'two' }],
};

test('a reply, with its numbers as numbers and a slash behind the directory', () => {
  const reply = parseReply(JSON.stringify(good).replaceAll('/', '\\/'));
  expect(reply).toMatchObject({ exitCode: 2, currentDirectory: '/a/b/', user: 'u', timingMs: 0.5 });
  expect(messageOf(reply)).toBe('one\ntwo');
});

test.each([
  ['', 61],
  ['  ', 61],
  ['Incoming JSON not ok', 42],
  ['null', 42],
  ['[]', 42],
  ['{"metadata":{}}', 42],
  ['{"metadata":{"exitcode":"0"},"results":{}}', 42],
  ['{"metadata":{"exitcode":"0"},"results":[1]}', 42],
  ['{"metadata":{"exitcode":"zero"},"results":[]}', 42],
  ['{"metadata":{"exitcode":"1e3"},"results":[]}', 42],
  ['{"metadata":[],"results":[]}', 42],
])('%s is no reply', (raw, errno) => {
  expect(() => parseReply(raw)).toThrow(
    expect.objectContaining({ code: 'corrupt', facts: expect.objectContaining({ errno }) }),
  );
});

test('whatever comes is a reply or corrupt, and never anything else', () => {
  const whole = JSON.stringify(good);
  const hurt = fc
    .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string())
    .map(([from, to, text]) => whole.slice(0, Math.min(from, to)) + text + whole.slice(Math.max(from, to)));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), hurt), (raw) => {
      try {
        const reply = parseReply(raw);
        expect(Number.isInteger(reply.exitCode)).toBe(true);
        expect(typeof messageOf(reply)).toBe('string');
      } catch (error) {
        expect(isStowageError(error, 'corrupt')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('pieces are joined: all results, the last error, the directory after the last', () => {
  const of = (exitcode: string, message: string) =>
    parseReply(
      JSON.stringify({
        metadata: { currentdir: `/${message}`, exitcode, error: exitcode === '0' ? '' : message },
        results: [{ message }],
      }),
    );
  const joined = joinReplies([of('0', 'a'), of('5', 'b'), of('0', 'c')]);
  expect(joined).toMatchObject({ exitCode: 5, error: 'b', currentDirectory: '/c/' });
  expect(messageOf(joined)).toBe('a\nb\nc');
});
