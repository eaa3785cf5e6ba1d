import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/grid/connect.ts';
import { messageOf, parseReply } from '../../src/grid/reply.ts';
import { gridUser } from '../alien.ts';

interface Exchange {
  readonly request: { readonly command: string; readonly options?: readonly (string | number)[] } | string;
  readonly reply: {
    readonly metadata: Readonly<Record<string, string>>;
    readonly results: readonly Readonly<Record<string, string>>[];
  };
}

/** What a real central server was asked and answered. */
const recorded = readFileSync(new URL('../oracle/grid/exchanges.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);

test.each(recorded.map((one, index) => [index, one] as const))('the recorded reply %i is read', (_, { reply }) => {
  const raw = JSON.stringify(reply).replaceAll('/', '\\/');
  const { metadata, results } = reply;
  expect(parseReply(raw)).toEqual({
    exitCode: Number(metadata.exitcode),
    error: metadata.error,
    ...(metadata.currentdir === undefined ? {} : { currentDirectory: metadata.currentdir, user: metadata.user }),
    ...(metadata.timing_ms === undefined ? {} : { timingMs: Number(metadata.timing_ms) }),
    results,
    raw,
  });
  expect(messageOf(parseReply(raw))).toBe(
    results.flatMap((one) => (one.message === undefined ? [] : [one.message])).join('\n'),
  );
});

/** Not asked through the client: no request at all, and a token, for which the recorded server had no key. */
const leftOut = (request: Exchange['request']): boolean =>
  typeof request === 'string' || (request.command === 'token' && request.options?.length === 1);

test('the client gets the recorded exit codes and directories from the server that stands in', async () => {
  const seed = [{ path: 'cpdir/small.bin', size: 3_000_000, md5: '2a3eda1796f958994b1d97dcbe5ac429' }];
  const { env } = await gridUser({ seed });
  const session = connect({ env });
  onTestFinished(() => session.close());
  for (const { request, reply } of recorded) {
    if (typeof request === 'string' || leftOut(request)) continue;
    const { command, options = [] } = request;
    const { exitCode, error, currentDirectory } = await session.send(command, options.map(String));
    expect({ command, exitCode, currentDirectory }).toEqual({
      command,
      exitCode: Number(reply.metadata.exitcode),
      currentDirectory: reply.metadata.currentdir,
    });
    expect(error.split('\n')[0]).toBe(reply.metadata.error!.split('\n')[0]);
  }
});
