import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runAlien } from '../../../../test/alien.ts';
import { builtAlien } from '../../../../test/built-alien.ts';
import { type GridStand, gridStand } from '../../../../test/grid-stand.ts';
import { needing } from '../../../../test/needing.ts';
import type { Ran } from '../../../../test/stowage.ts';
import { until } from '../../../../test/waiting.ts';
import { hasXrootd } from '../../../../test/xrootd-servers.ts';
import type { Harm } from '../../../sandbox/jalien/faults.ts';

const { test } = needing(hasXrootd);
const home = '/localhost/localdomain/user/j/jalien/';
const old = 'what it was\n';

interface Desk extends GridStand {
  /** Runs a line with an editor that does this with the file `$1`. */
  edit(script: string, line?: string): Promise<Ran>;
  /** What lies in the home, by name. */
  names(): readonly string[];
  /** The bytes of an LFN, of each of its replicas. */
  replicas(name: string): readonly string[];
  /** Edited texts that were kept. */
  kept(): readonly string[];
}

async function desk(): Promise<Desk> {
  const stand = await gridStand([{ name: 'one' }, { name: 'two' }]);
  stand.plant('x.txt', Buffer.from(old), 'one', 'two');
  const { catalogue } = stand.central.world;
  const editor = join(stand.home, 'editor');
  return {
    ...stand,
    edit(script, line = 'edit x.txt') {
      writeFileSync(editor, `#!/bin/sh\n${script}\n`);
      chmodSync(editor, 0o755);
      return runAlien({ ...stand.env, EDITOR: `sh '${editor}'` }, 'alien.py', [line]);
    },
    names: () => [...catalogue.below(home.slice(0, -1))].map(({ path }) => path.slice(home.length)),
    replicas: (name) =>
      catalogue
        .get(`${home}${name}`)!
        .replicas.map(({ se }) => readFileSync(stand.replica(`${home}${name}`, se.split('::')[2]!), 'utf8')),
    kept: () =>
      readdirSync(stand.temporary)
        .filter((name) => name.startsWith('alien-edit-'))
        .map((name) => readFileSync(join(stand.temporary, name, 'x.txt'), 'utf8')),
  };
}

test('what was edited takes the place, and what it was is beside it', async () => {
  const { edit, names, replicas, kept, central, alien } = await desk();
  await alien('chmod 700 x.txt');
  const first = await edit('echo more >> "$1"');
  expect(first).toMatchObject({ status: 0, err: '' });
  expect(names()).toEqual(['x.txt', 'x.txt~']);
  expect(replicas('x.txt')).toEqual([`${old}more\n`, `${old}more\n`]);
  expect(replicas('x.txt~')).toEqual([old, old]);
  expect(central.world.catalogue.get(`${home}x.txt`)!.perm).toBe('700');

  expect(await edit('echo most > "$1"', 'edit x.txt@LOCALHOST::JTESTSITE::two')).toMatchObject({ status: 0 });
  expect(replicas('x.txt')).toEqual(['most\n']);
  expect(replicas('x.txt~')).toEqual([`${old}more\n`, `${old}more\n`]);
  expect(names()).toEqual(['x.txt', 'x.txt~']);

  expect(await edit('echo dated > "$1"', 'edit -datebck x.txt')).toMatchObject({ status: 0 });
  expect(names()).toEqual(['x.txt', expect.stringMatching(/^x\.txt\.\d{8}_\d{6}$/), 'x.txt~']);
  expect(kept()).toEqual([]);
});

test('what was not changed is not stored; what may not be stored is kept', async () => {
  const { edit, names, replicas, kept, central } = await desk();
  expect(await edit('touch "$1"')).toMatchObject({ status: 0, out: 'nothing was changed\n' });
  expect(await edit('exit 3')).toMatchObject({ status: 3 });
  expect(await edit('rm "$1"')).toMatchObject({ status: 1, err: expect.stringContaining('left no file') });
  expect(kept()).toEqual([]);
  expect(central.requests.some(({ command, options }) => command === 'access' && options.includes('write'))).toBe(
    false,
  );

  const failed = await edit('echo lost? > "$1"; exit 3');
  expect(failed).toMatchObject({ status: 3, err: expect.stringMatching(/the edited text is in .*\/x\.txt\n$/) });
  expect(await edit(': > "$1"')).toMatchObject({ status: 1, err: expect.stringContaining('nothing is left') });
  expect(kept().toSorted()).toEqual(['', 'lost?\n']);
  expect(names()).toEqual(['x.txt']);
  expect(replicas('x.txt')).toEqual([old, old]);
  expect((await edit('', 'edit nothere')).status).toBe(2);
  expect((await edit('', 'edit ~')).status).toBe(22);
  expect((await edit('', 'edit')).status).toBe(22);
});

test('no storage element takes it: the text is kept, and nothing is changed', async () => {
  const { edit, names, replicas, kept, central } = await desk();
  central.setFaults([{ command: 'access', words: ['write'], do: { kind: 'error', errno: 77, does: false } }]);
  const { status, err } = await edit('echo mine > "$1"');
  expect(status).not.toBe(0);
  expect(err).toContain('the edited text is in');
  expect(names()).toEqual(['x.txt']);
  expect(replicas('x.txt')).toEqual([old, old]);
  expect(kept()).toEqual(['mine\n']);
});

test('somebody else changed it meanwhile: his content stays, the text is kept', async () => {
  const { edit, names, replicas, kept, plant, env } = await desk();
  plant('other.txt', Buffer.from('of another\n'));
  const variables = Object.entries(env).map(([name, value]) => `'${name}=${value}'`);
  const meanwhile = `env ${variables.join(' ')} "${process.execPath}" "${builtAlien()}" 'rm x.txt; mv other.txt x.txt'`;
  const refused = await edit(`echo mine > "$1"; ${meanwhile}`);
  expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('another content meanwhile') });
  expect(names()).toEqual(['x.txt']);
  expect(replicas('x.txt')).toEqual(['of another\n']);
  expect(kept()).toEqual(['mine\n']);
});

const harms: readonly (readonly [string, Harm, number, boolean])[] = [
  ['the first is refused', { kind: 'error', errno: 5, does: false }, 0, false],
  // It is sent again: the old content has left its place.
  ['the second is refused', { kind: 'error', errno: 5, does: false }, 1, true],
  ['the reply to the first is lost', { kind: 'drop', when: 'after' }, 0, true],
  ['the reply to the second is lost', { kind: 'drop', when: 'after' }, 1, true],
  ['the first does not arrive', { kind: 'drop' }, 0, false],
  ['the second does not arrive', { kind: 'drop' }, 1, true],
];

test.each(harms)(
  'of the two renames %s: the old or the new is there, and nothing is lost',
  async (_, harm, skip, isDone) => {
    const { edit, names, replicas, kept, central } = await desk();
    central.setFaults([{ command: 'mv', skip, times: 1, do: harm }]);
    const { status, err } = await edit('echo new > "$1"');
    expect({ done: status === 0, err }).toMatchObject({ done: isDone });
    expect(names()).toEqual(isDone ? ['x.txt', 'x.txt~'] : ['x.txt']);
    expect(replicas('x.txt')).toEqual(isDone ? ['new\n', 'new\n'] : [old, old]);
    expect(kept()).toEqual(isDone ? [] : ['new\n']);
  },
);

test.each(['edit', 'cp'])(
  'killed between the two renames: the next %s finds the file, and what it was is beside it',
  async (next) => {
    const { edit, names, replicas, central, env, home: folder, alien } = await desk();
    central.setFaults([{ command: 'mv', skip: 1, do: { kind: 'stall', does: false } }]);
    const editor = join(folder, 'adding');
    writeFileSync(editor, 'echo more >> "$1"\n');
    const child = spawn(process.execPath, [builtAlien(), 'edit x.txt'], {
      env: { ...process.env, ...env, EDITOR: `sh '${editor}'` },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const moves = () => central.requests.filter(({ command }) => command === 'mv').length;
    await until('the second rename was asked for', () => moves() === 2 || child.exitCode !== null);
    child.kill('SIGKILL');
    await ended;
    expect(names()).not.toContain('x.txt');
    central.setFaults([]);

    if (next === 'edit') {
      expect(await edit('touch "$1"')).toMatchObject({ status: 0, out: 'nothing was changed\n' });
    } else {
      const here = join(folder, 'here');
      expect(await alien('cp', 'x.txt', `file:${here}`)).toMatchObject({ status: 0 });
      expect(readFileSync(here, 'utf8')).toBe(`${old}more\n`);
    }
    expect(names()).toEqual(['x.txt', 'x.txt~']);
    expect(replicas('x.txt')).toEqual([`${old}more\n`, `${old}more\n`]);
    expect(replicas('x.txt~')).toEqual([old, old]);
  },
);
