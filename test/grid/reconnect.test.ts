import { expect, onTestFinished, test } from 'vitest';
import { isStowageError } from '../../src/errors.ts';
import { connect, type GridSession } from '../../src/grid/connect.ts';
import type { Harm } from '../../src/sandbox/jalien/faults.ts';
import { testClient } from '../../src/sandbox/jalien/test-client.ts';
import { type GridUser, gridUser } from '../alien.ts';
import { until } from '../waiting.ts';

const home = '/localhost/localdomain/user/j/jalien/';
const seed = [
  { path: 'in/a.txt', size: 3, md5: '900150983cd24fb0d6963f7d28e17f72', guid: '85b30e80-e51e-11f1-88d6-02fc00000001' },
  { path: 'in/b.txt', size: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e', guid: '85b30e81-e51e-11f1-88d6-02fc00000001' },
];

interface Place extends GridUser {
  readonly session: GridSession;
  readonly told: readonly string[];
  /** What of this command the server was asked. */
  asked(command: string): readonly (readonly string[])[];
  /** What lies where, by another connection and not by the client that is tried. */
  look(path: string): Promise<readonly string[]>;
}

async function place(options: Parameters<typeof gridUser>[0] = {}, env: Record<string, string> = {}): Promise<Place> {
  const user = await gridUser({ seed, ...options });
  const told: string[] = [];
  const session = connect({ env: { ...user.env, ...env }, tell: (text) => void told.push(text) });
  onTestFinished(() => session.close());
  return {
    ...user,
    session,
    told,
    asked: (command) => user.central.requests.filter((one) => one.command === command).map(({ options }) => options),
    async look(path) {
      const client = await testClient(user.central);
      const { metadata, results } = await client.ask('ls', '-a', '-nomsg', path);
      client.close();
      return metadata.exitcode === '0' ? results.map(({ name }) => name as string) : [`errno ${metadata.exitcode}`];
    },
  };
}

/** What may be sent again: that it was lost is not even noticed. */
const again: readonly (readonly [command: string, ...args: readonly string[]])[] = [
  ['pwd'],
  ['ls', '-l', 'in'],
  ['stat', 'in/a.txt'],
  ['find', home, '*.txt'],
  ['whereis', 'in/a.txt'],
  ['mkdir', '-p', 'new/er'],
  ['chmod', '700', 'in/a.txt'],
  ['du', 'in'],
  ['access', 'read', `${home}in/a.txt`],
  ['access', '-s', '1', '-m', 'x', 'write', `${home}new.txt`, 'disk:1'],
  ['commandlist'],
  ['listSEs'],
  ['ps'],
  ['cd', 'in'],
];
const losses: readonly (readonly [string, Harm])[] = [
  ['before it was done', { kind: 'drop' }],
  ['before its reply', { kind: 'drop', when: 'after' }],
  ['by a restart', { kind: 'restart' }],
  ['by the end of the session', { kind: 'expire' }],
  ['behind a slow command', { kind: 'lose' }],
];

test.each(losses)('what may be sent again survives a connection that is lost %s', async (_, harm) => {
  const { session, central, asked } = await place();
  await session.send('pwd');
  for (const [command, ...args] of again) {
    const before = asked(command).length;
    central.setFaults([{ command, times: 1, do: harm }]);
    const reply = await session.send(command, args);
    expect({ command, exitCode: reply.exitCode }).toEqual({ command, exitCode: 0 });
    central.setFaults([]);
    // `cd` is told to the new connection too, once we are not at home.
    expect(asked(command).length - before, command).toBeGreaterThanOrEqual(2);
  }
  expect((await session.where()).directory).toBe(`${home}in/`);
});

/** What must not be sent twice: the arguments, where to look, and what is there before and after. */
const once: readonly (readonly [readonly [string, ...string[]], string, readonly string[], readonly string[]])[] = [
  [['rm', 'in/a.txt'], 'in', ['a.txt', 'b.txt'], ['b.txt']],
  [['rm', '-r', 'in'], '.', ['empty', 'in'], ['empty']],
  [['rm', 'in/*.txt'], 'in', ['a.txt', 'b.txt'], []],
  [['rmdir', 'empty'], '.', ['empty', 'in'], ['in']],
  [['touch', 'in/c.txt'], 'in', ['a.txt', 'b.txt'], ['a.txt', 'b.txt', 'c.txt']],
  [['mv', 'in/a.txt', 'in/z.txt'], 'in', ['a.txt', 'b.txt'], ['b.txt', 'z.txt']],
  [['mv', 'in/a.txt', 'empty'], 'empty', [], ['a.txt']],
  [['mv', 'empty', 'in/moved'], 'in', ['a.txt', 'b.txt'], ['a.txt', 'b.txt', 'moved']],
];

test.each(
  once.flatMap(([request, ...rest]) =>
    losses.map(([when, harm]) => [request.join(' '), when, request, harm, rest] as const),
  ),
)('%s, lost %s, is sent once and looked up', async (_, __, [command, ...args], harm, [where, before, after]) => {
  const { session, central, asked, told, look } = await place();
  await session.send('mkdir', ['empty']);
  central.setFaults([{ command, times: 1, do: harm }]);
  const isDone = harm.kind === 'lose' || harm.kind === 'expire' || ('when' in harm && harm.when === 'after');
  const sent = session.send(command, args);
  if (isDone) {
    expect((await sent).exitCode).toBe(0);
    expect(told.join('\n')).toContain('it was done');
  } else {
    await expect(sent).rejects.toMatchObject({ code: 'unavailable', facts: { errno: 70, effect: 'not done' } });
  }
  expect(asked(command)).toEqual([args]);
  expect(await look(where)).toEqual(isDone ? after : before);
  // The connection is there again for whatever comes next.
  expect((await session.send('pwd')).exitCode).toBe(0);
});

test.each(losses)(
  'of a touch of what was there before, lost %s, nobody can say whether it was done',
  async (_, harm) => {
    const { session, central, asked } = await place();
    central.setFaults([{ command: 'touch', times: 1, do: harm }]);
    await expect(session.send('touch', ['in/c.txt', 'in/a.txt'])).rejects.toMatchObject({
      code: 'unavailable',
      facts: { errno: 70, effect: 'unknown' },
    });
    expect(asked('touch')).toHaveLength(1);
  },
);

test.each(losses)('a commit, lost %s, is sent once and looked up', async (_, harm) => {
  const { session, central, asked } = await place();
  const lfn = `${home}new/file.bin`;
  const [booked] = (await session.send('access', ['-s', '3', '-m', 'x', 'write', lfn, 'disk:1'])).results;
  central.setFaults([{ command: 'commit', times: 1, do: harm }]);
  const isDone = harm.kind === 'lose' || harm.kind === 'expire' || ('when' in harm && harm.when === 'after');
  const args = [String(booked!.envelope), '3', lfn, '644', '0', String(booked!.url), String(booked!.se)];
  const sent = session.send('commit', [...args, String(booked!.guid), 'x']);
  if (isDone) expect((await sent).results).toMatchObject([{ path: lfn, lfn: '1' }]);
  else await expect(sent).rejects.toMatchObject({ facts: { errno: 70, effect: 'not done' } });
  expect(asked('commit')).toHaveLength(1);
  expect((await session.send('stat', [lfn])).exitCode).toBe(isDone ? 0 : 2);
});

test.each(losses)('a job whose submission is lost %s may be there or not, and that is said', async (_, harm) => {
  const { session, central, asked } = await place();
  central.setFaults([{ command: 'submit', times: 1, do: harm }]);
  await expect(session.send('submit', ['in/a.txt'])).rejects.toMatchObject({
    code: 'unavailable',
    facts: { errno: 70, effect: 'unknown' },
  });
  expect(asked('submit')).toHaveLength(1);
});

test('a name that was never there was not removed, whatever is there now', async () => {
  const { session, central, asked } = await place();
  const lost = { command: 'rm', times: 1, do: { kind: 'drop', when: 'after' } } as const;
  for (const [args, effect, found] of [
    [['in/no.txt'], 'not done', /no\.txt was not there before/],
    [['in/no*'], 'not done', /no\* was not there before/],
    [['in/a.txt', 'in/no.txt'], 'unknown', /a\.txt.*no\.txt was not before/],
  ] as const) {
    central.setFaults([lost]);
    await expect(session.send('rm', args), args.join()).rejects.toMatchObject({
      message: expect.stringMatching(found),
      facts: { errno: 70, effect },
    });
  }
  expect(asked('rm')).toHaveLength(3);
});

test('a long list of names is looked at in requests that the server can read', async () => {
  const { session, central } = await place();
  const deep = `in/${'directory-'.repeat(20)}`;
  await session.send('mkdir', [deep]);
  await session.send('cd', [deep]);
  const names = Array.from({ length: 100 }, (_, index) => `f${index}`);
  await session.send('touch', names);
  central.setFaults([{ command: 'rm', times: 1, do: { kind: 'drop', when: 'after' } }]);
  expect((await session.send('rm', names)).exitCode).toBe(0);
  expect((await session.send('ls')).results).toEqual([]);
});

test('an effect that cannot be looked up either is unknown', async () => {
  const { session, central, asked } = await place({}, { ALIENPY_CONNECT_TRIES: '1' });
  await session.send('pwd');
  central.setFaults([
    { command: 'rm', do: { kind: 'drop', when: 'after' } },
    { at: 'connect', do: { kind: 'refuse', status: 503 } },
  ]);
  await expect(session.send('rm', ['in/a.txt'])).rejects.toMatchObject({
    code: 'unavailable',
    facts: { errno: 70, effect: 'unknown' },
  });
  expect(asked('rm')).toHaveLength(1);
});

test('a commit whose replicas cannot be looked at is not taken for one that was not done', async () => {
  const { session, central } = await place();
  const lfn = `${home}new.bin`;
  const [booked] = (await session.send('access', ['-s', '3', '-m', 'x', 'write', lfn, 'disk:1'])).results;
  central.setFaults([
    { command: 'whereis', do: { kind: 'error', errno: 121 } },
    { command: 'commit', times: 1, do: { kind: 'drop', when: 'after' } },
  ]);
  const args = [String(booked!.envelope), '3', lfn, '644', '0', String(booked!.url), String(booked!.se)];
  await expect(session.send('commit', [...args, String(booked!.guid), 'x'])).rejects.toMatchObject({
    facts: { errno: 70, effect: 'unknown' },
  });
});

test('what could not be looked at before is not taken for absent', async () => {
  const { session, central, look } = await place();
  central.setFaults([
    { command: 'stat', times: 1, do: { kind: 'error', errno: 121 } },
    { command: 'mv', times: 1, do: { kind: 'drop', when: 'after' } },
  ]);
  await expect(session.send('mv', ['in/a.txt', 'in/z.txt'])).rejects.toMatchObject({
    facts: { errno: 70, effect: 'unknown' },
  });
  expect(await look('in')).toEqual(['b.txt', 'z.txt']);
});

test('the directory, the site and the role are told to a new connection, and relative names mean the same', async () => {
  const { session, central, asked } = await place({ roles: ['alidaq'] });
  await session.send('setSite', ['GSI']);
  await session.send('cd', ['in']);
  await session.send('user', ['alidaq']);
  await session.send('cd', [`${home}in`]);
  await central.restart();
  const reply = await session.send('ls', ['a.txt']);
  expect(reply).toMatchObject({ exitCode: 0, currentDirectory: `${home}in/`, user: 'alidaq' });
  expect(reply.results[0]).toMatchObject({ path: `${home}in/a.txt` });
  expect(asked('setSite').at(-1)).toEqual(['GSI']);
  expect(asked('user').at(-1)).toEqual(['alidaq']);
  // Once reconnected, it stays: no further connection for what comes next.
  const { made } = central.connections;
  for (let turn = 0; turn < 3; turn += 1) await session.send('pwd');
  expect(central.connections.made).toBe(made);
});

test('where the directory has gone meanwhile, nothing is sent from another one', async () => {
  const { session, central, asked, look } = await place();
  await session.send('mkdir', ['d']);
  await session.send('cd', ['d']);
  const other = await testClient(central);
  await other.ask('rm', '-r', `${home}d`);
  await other.ask('touch', `${home}precious`);
  central.dropAll();
  await until('the client has noticed', () => !session.isConnected());
  await expect(session.send('rm', ['precious'])).rejects.toMatchObject({ code: 'missing', facts: { errno: 2 } });
  expect(asked('rm')).toEqual([['-r', `${home}d`]]);
  expect(await look('.')).toContain('precious');
  expect((await session.send('pwd')).currentDirectory).toBe(home);
});

test('a network that has fallen silent is noticed, and left', async () => {
  const { session, central } = await place({}, { ALIENPY_TIMEOUT: '1' });
  await session.send('cd', ['in']);
  central.freezeAll();
  expect((await session.send('ls', ['a.txt'])).exitCode).toBe(0);
  expect(central.connections.made).toBeGreaterThanOrEqual(2);
});

test('a laptop that slept: the server was gone, and a connection with it', async () => {
  const { session, central } = await place();
  await session.send('cd', ['in']);
  await central.stop();
  await until('the client has noticed', () => !session.isConnected());
  await expect(session.send('pwd')).rejects.toMatchObject({ code: 'unavailable', facts: { errno: 107 } });
  await central.restart();
  expect((await session.send('pwd')).currentDirectory).toBe(`${home}in/`);
});

test('a session that was idle for too long begins anew, where it was', async () => {
  const { session, central } = await place({ patience: { idleMs: 1000 } });
  await session.send('cd', ['in']);
  await until('the server has closed it', () => central.connections.open === 0 && !session.isConnected());
  expect((await session.send('ls', ['a.txt'])).exitCode).toBe(0);
});

test('many requests over four connections, all of which are lost on the way', async () => {
  const { session, central } = await place();
  await session.send('cd', ['in']);
  central.setFaults([{ command: 'stat', skip: 10, times: 1, do: { kind: 'restart' } }]);
  const requests = Array.from({ length: 60 }, (_, index) => ({
    command: 'stat',
    args: [index % 3 === 0 ? 'a.txt' : index % 3 === 1 ? 'b.txt' : `no-${index}`],
  }));
  const found: string[] = [];
  for await (const { request, reply } of session.sendAll(requests)) {
    const file = reply.results[0]?.file;
    found.push(`${request.args[0]} ${typeof file === 'string' ? file : reply.exitCode}`);
  }
  expect(found).toEqual(
    requests.map(({ args: [name] }) => `${name} ${name!.startsWith('no-') ? 2 : `${home}in/${name}`}`),
  );
  expect(central.connections.made).toBeGreaterThanOrEqual(5);
});

test('half a reply is no reply: it is asked again, or looked up', async () => {
  const { session, central, asked } = await place();
  central.setFaults([{ command: 'stat', times: 1, do: { kind: 'cut', characters: 40 } }]);
  expect((await session.send('stat', ['in/a.txt'])).exitCode).toBe(0);
  central.setFaults([{ command: 'mv', times: 1, do: { kind: 'cut', characters: 40 } }]);
  expect((await session.send('mv', ['in/a.txt', 'in/c.txt'])).exitCode).toBe(0);
  expect(asked('mv')).toHaveLength(1);
});

test('what is never answered right is told as what it is', async () => {
  const { session, central } = await place();
  central.setFaults([{ command: 'stat', do: { kind: 'lose' } }]);
  const error = await session.send('stat', ['in/a.txt']).catch((thrown: unknown) => thrown);
  expect(isStowageError(error, 'corrupt') && error.facts.errno).toBe(61);
});
