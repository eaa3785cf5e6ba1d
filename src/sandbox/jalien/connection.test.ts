import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { Harm } from './faults.ts';
import { testCentral } from './test-central.ts';
import { testClient } from './test-client.ts';

const refusal = JSON.stringify({ metadata: { exitcode: '-1', error: 'Incoming JSON not ok' }, results: [] });

test.each([
  [8000, 1],
  [8300, 2],
  [20_000, 3],
  [70_000, 9],
])('a request of %i characters is answered %i times', async (characters, replies) => {
  const client = await testClient(await testCentral());
  const requestOf = (fill: string): string => JSON.stringify({ command: 'pwd', options: ['-nomsg', fill] });
  client.say(requestOf('x'.repeat(characters - requestOf('').length)));
  client.say('{"command":"timing"}');
  const heard: string[] = [];
  for (let next = await client.hear(); !next.includes('timing'); next = await client.hear()) heard.push(next);
  expect(heard).toHaveLength(replies);
  if (replies > 1) expect(new Set(heard)).toEqual(new Set([refusal]));
});

test('replies get lost behind a slow command, and it is answered later', async () => {
  const sleeps: number[] = [];
  const sleeping: (() => void)[] = [];
  const central = await testCentral({
    sleep(ms) {
      sleeps.push(ms);
      // The server's own patience is at its end at once; the pauses of ping last until they are let go.
      return ms === 1000 ? Promise.resolve() : new Promise((resolve) => sleeping.push(resolve));
    },
  });
  central.world.catalogue.put({ ...central.world.catalogue.get('/')!, path: '/x', id: 100 });
  const client = await testClient(central);
  for (const options of [['ping', '-c', '2', '-s', '700'], ['pwd'], ['cd', '/x']]) {
    client.say(JSON.stringify({ command: options[0], options: options.slice(1) }));
  }
  expect([await client.hear(), await client.hear()]).toEqual(['', '']);
  for (const wake of sleeping) wake();
  const late = JSON.parse(await client.hear());
  expect(late.results[0].message).toContain('2 packets transmitted');
  // What was asked for is done all the same.
  expect(late.metadata.currentdir).toBe('/x/');
});

test('short commands sent together are answered in order', async () => {
  const client = await testClient(await testCentral());
  for (let index = 0; index < 50; index += 1) {
    client.say(
      JSON.stringify({ command: 'uuid', options: [`${String(index).padStart(8, '0')}-e51e-11f1-88d6-02fc00000001`] }),
    );
  }
  for (let index = 0; index < 50; index += 1) {
    expect(JSON.parse(await client.hear()).results[0].message).toMatch(
      new RegExp(`^${String(index).padStart(8, '0')}-`),
    );
  }
});

test('an object without a command ends the connection with 1002', async () => {
  const client = await testClient(await testCentral());
  client.say('{"options":[]}');
  expect(await client.hear()).toBe('closed 1002');
});

test.each([
  ['permessage-deflate', 'permessage-deflate'],
  ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits=15'],
  [undefined, undefined],
])('who offers %s is answered %s', async (offer, answer) => {
  const { port, files } = await testCentral();
  const [ca, cert, key] = [files.caFile, files.userCert, files.userKey].map((file) => readFileSync(file));
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
    ...(offer === undefined ? {} : { 'Sec-WebSocket-Extensions': offer }),
  };
  const asked = request({ host: 'localhost', port, path: '/websocket/json', ca, cert, key, headers }).end();
  const [response, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Duplex];
  socket.destroy();
  expect(response.headers['sec-websocket-extensions']).toBe(answer);
});

test('an idle session is closed with 1013', async () => {
  const client = await testClient(await testCentral({ patience: { idleMs: 1 } }));
  expect(await client.hear()).toBe('closed 1013');
});

test('a session that is busy ends all the same', async () => {
  const client = await testClient(await testCentral({ patience: { lifeMs: 1 } }));
  expect(await client.hear()).toBe('closed 1013');
});

test('the plain endpoint has replies without numbers', async () => {
  const client = await testClient(await testCentral(), { path: '/websocket/plain' });
  const home = '/localhost/localdomain/user/j/jalien/';
  client.say('pwd');
  expect(await client.hear()).toBe(`${home}\n\x07${home}\x01jalien\n\x00\n`);
  client.say('nosuch');
  expect(await client.hear()).toBe(
    `\x05No such file or directory : Command [nosuch] not found!\n\x07${home}\x01jalien\n\x00\n`,
  );
});

test('pings are answered, but not by a connection that has fallen silent', async () => {
  const central = await testCentral();
  const client = await testClient(central);
  const pong = new Promise((resolve) => client.socket.once('pong', resolve));
  client.socket.ping();
  await pong;
  central.freezeAll();
  client.say('{"command":"pwd"}');
  client.socket.ping();
  let heard = 0;
  client.socket.on('pong', () => {
    heard += 1;
  });
  // Another connection is served as ever: the server goes on, and had the time to answer.
  expect((await (await testClient(central)).ask('pwd')).metadata.exitcode).toBe('0');
  expect({ heard, open: client.socket.readyState === client.socket.OPEN }).toEqual({ heard: 0, open: true });
});

test.each<[string, Harm, string, boolean]>([
  ['cut before', { kind: 'drop' }, 'closed 1006', false],
  ['cut after', { kind: 'drop', when: 'after' }, 'closed 1006', true],
  ['lost', { kind: 'lose' }, '', true],
  ['lost, and not done', { kind: 'lose', does: false }, '', false],
  ['over', { kind: 'expire' }, 'closed 1013', true],
  ['over before', { kind: 'expire', does: false }, 'closed 1013', false],
  ['half a reply', { kind: 'cut', characters: 12 }, '{"metadata":', true],
  ['a restart', { kind: 'restart' }, 'closed 1006', false],
])('harm: %s', async (_, harm, heard, isDone) => {
  const central = await testCentral({ faults: [{ command: 'mkdir', do: harm }] });
  const client = await testClient(central);
  client.say('{"command":"mkdir","options":["made"]}');
  expect(await client.hear()).toBe(heard);
  const again = await testClient(central);
  expect((await again.ask('ls')).results.map(({ name }) => name)).toEqual(isDone ? ['made'] : []);
});

test('a wrong number, once', async () => {
  const central = await testCentral({ faults: [{ command: 'mkdir', times: 1, do: { kind: 'error', errno: 121 } }] });
  const client = await testClient(central);
  expect((await client.ask('mkdir', 'a')).metadata).toMatchObject({ exitcode: '121', error: 'Remote I/O error' });
  expect((await client.ask('mkdir', 'b')).metadata).toMatchObject({ exitcode: '0' });
});

test('no reply at all, while the connection stays', async () => {
  const central = await testCentral({ faults: [{ command: 'mkdir', do: { kind: 'stall', does: false } }] });
  const client = await testClient(central);
  client.say('{"command":"mkdir","options":["a"]}');
  expect((await client.ask('ls')).results).toEqual([]);
});
