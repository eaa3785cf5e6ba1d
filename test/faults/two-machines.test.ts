import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runCli, runProgram } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { needing } from '../needing.ts';
import { leftovers } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { put, type SmallProject, section, smallProject } from '../small-project.ts';

/** A name space in which this machine has another name: for locks it is another machine. */
const unshare = process.getuid?.() === 0 ? ['--uts'] : ['--user', '--map-root-user', '--uts'];
const otherName = 'another.example';
const canRename =
  (await runProgram('unshare', [...unshare, 'hostname', otherName]).catch(() => undefined))?.status === 0;

let main: string;
beforeAll(() => {
  main = builtCli();
});

/** Runs the command on the other machine. */
function elsewhere(...args: readonly string[]) {
  const script = 'hostname "$1" && shift && exec "$@"';
  return runProgram('unshare', [...unshare, 'sh', '-c', script, 'sh', otherName, process.execPath, main, ...args]);
}

async function largeProject(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  put(small, 'raw/0/large', '');
  truncateSync(join(small.tree, 'raw/0/large'), 96 << 20);
  return small;
}

/** A run on this machine that is held while it writes the large archive. */
const writing = (small: SmallProject) =>
  heldCli(small.folder, ['.stowage/tmp/', 'raw_0'], ['archive', small.config, section, '--jobs', '1']);

const lockOf = (small: SmallProject) => join(small.state, 'lock', `${section}.json`);

needing(canRename).describe('two machines on one state folder', () => {
  test('the second run ends with 5, says who holds the lock and how to unlock; the first is not disturbed', async () => {
    const small = await largeProject();
    const first = await writing(small);
    const second = await elsewhere('archive', small.config, section);
    expect(second).toMatchObject({ status: 5, out: '' });
    expect(second.err).toContain(`is locked by process ${first.child.pid} on `);
    expect(second.err).toContain('stowage unlock CONFIG SECTION');
    // Whoever only looks is not kept out.
    expect((await elsewhere('status', small.config)).status).toBe(0);
    expect((await elsewhere('find', small.config, '*')).status).toBe(1);
    first.goOn();
    expect(await first.ended).toMatchObject({ status: 0, err: '' });
    expect(existsSync(lockOf(small))).toBe(false);
    expect(await elsewhere('archive', small.config, section)).toMatchObject({ status: 0, err: '' });
  });

  test('the lock of a run that was killed is taken over at home, and not on the other machine before it is unlocked', async () => {
    const small = await largeProject();
    const killed = await writing(small);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const lock = readFileSync(lockOf(small), 'utf8');
    const refused = await elsewhere('archive', small.config, section);
    expect(refused).toMatchObject({ status: 5, err: expect.stringContaining('stowage unlock CONFIG SECTION') });
    expect(readFileSync(lockOf(small), 'utf8')).toBe(lock);
    expect(await elsewhere('unlock', small.config, section)).toMatchObject({
      status: 0,
      out: expect.stringContaining(`process ${killed.child.pid} on `),
    });
    expect(await elsewhere('archive', small.config, section)).toMatchObject({ status: 0 });
    expect(leftovers(small)).toEqual([]);
    writeFileSync(lockOf(small), lock);
    expect(await runCli('archive', small.config, section)).toMatchObject({ status: 0, err: '' });
  });
});
