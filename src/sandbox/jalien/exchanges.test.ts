import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storagePath } from './guid.ts';
import { testCentral } from './test-central.ts';
import { type TestReply, testClient } from './test-client.ts';

/** What a real central server of March 2022 was asked and answered, one exchange a line, in one session. */
const recorded = readFileSync(new URL('../../../test/oracle/grid/exchanges.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { request: { command: string; options?: string[] } | string; reply: TestReply });

/** What that server held at the beginning. */
const seed = [
  {
    path: 'cpdir/small.bin',
    size: 3_000_000,
    md5: '2a3eda1796f958994b1d97dcbe5ac429',
    guid: '85b30e80-e51e-11f1-88d6-02fc00000001',
    ctimeMs: 1_795_205_468_000,
  },
];

/** What cannot be the same, by command: each with its reason. All else must be. */
const differing: Readonly<Record<string, readonly (readonly [why: string, RegExp, string])[]>> = {
  whoami: [
    ['another certificate, that ends at another time', /"certificate_expires":"\d+"/, '"certificate_expires":"…"'],
    ['the same', /\(expiring on \S+, which is in \d+d \d\d:\d\d\)/, '(expiring …)'],
  ],
  access: [
    ['another key signs', /signature=[\w+/=]+/g, 'signature=…'],
    ['a new file gets a GUID of its own, and its place by it', /\d\d\/\d{5}\/99[\w-]{34}/g, 'NN/NNNNN/GUID'],
    ['the same', /99[\da-f]{6}-e51e-11f1-[\da-f]{4}-02fc00000001/g, 'GUID'],
  ],
  ping: [['another machine', /\d+\.\d+/g, '…']],
  version: [
    ['it is another program', /\b(964bf3496dfbb5360dae4b141cd18336353a354e|sandbox)\b/g, 'HASH'],
    ['the same', /\b(dat151\.hvl\.no|stowage)\b/g, 'HOST'],
  ],
  timing: [['another machine', /"timing_ms":"[\d.]+"/, '"timing_ms":"…"']],
  mv: [['there is no Java below it: the trace has one line', /(\\tat [^\\]+\\n)+/, '\\tat …\\n']],
  stat: [['some were recorded from a server without the key that newer ones have', /"lfn":"[^"]+",/, '']],
};

/** The server that was recorded had no key of its authority and fell; the sandbox makes a token. */
const tokenReply = 67;

function comparable(command: string, reply: TestReply): unknown {
  const text = (differing[command] ?? []).reduce((so, [, what, by]) => so.replace(what, by), JSON.stringify(reply));
  return JSON.parse(text);
}

test('86 recorded exchanges are reproduced, but for values that must differ', async () => {
  expect(recorded).toHaveLength(86);
  let seconds = 1_795_205_467;
  const central = await testCentral({ seed, now: () => seconds * 1000 });
  const client = await testClient(central);
  for (const [index, { request, reply }] of recorded.entries()) {
    seconds = index < 36 ? 1_795_205_500 : index < 77 ? 1_795_205_501 : 1_795_205_541;
    const command = typeof request === 'string' ? '' : request.command;
    client.say(typeof request === 'string' ? request : JSON.stringify(request));
    const text = await client.hear();
    const ours = JSON.parse(text) as TestReply;
    const what = `exchange ${index}: ${JSON.stringify(request)}`;
    if (index === tokenReply) {
      expect(Object.keys(ours.results[0]!), what).toEqual(['tokencert', 'tokenkey']);
      continue;
    }
    expect.soft(comparable(command, ours), what).toEqual(comparable(command, reply));
    expect.soft(keyOrder(ours), what).toEqual(keyOrder(reply));
    expect.soft(text.replaceAll('\\/', ''), what).not.toContain('/');
  }
});

/** The order of the keys of each entry is the order of saying, and clients have been seen to rely on the first. */
function keyOrder({ metadata, results }: TestReply): readonly (readonly string[])[] {
  return [metadata, ...results].map((entry) => Object.keys(entry).filter((key) => key !== 'lfn'));
}

test.each([
  ['85b30e80-e51e-11f1-88d6-02fc00000001', '/06/15072/'],
  ['997928f0-e51e-11f1-88d6-02fc00000001', '/00/20222/'],
  ['99820290-e51e-11f1-88d6-02fc00000001', '/12/16347/'],
])('the recorded place of %s', (guid, place) => {
  expect(storagePath(guid)).toBe(place + guid);
});
