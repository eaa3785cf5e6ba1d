import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runProgram } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { filesBelow } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { scratchHpss } from '../scratch-hpss.ts';
import { put, type SmallProject, section, smallProject } from '../small-project.ts';

/** Root may mount in a name space of its own; anybody else needs one of users too. */
const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const canMount =
  (await runProgram('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;

let main: string;
beforeAll(() => {
  main = builtCli();
});

/**
 * Runs the lines of a shell script in a mount name space that has a small disk at `disk`, and gives back what each `stowage` said,
 * in order. In the script `stowage` is the built command, `grow` gives the disk room, `keep NAME` copies what is on it.
 */
async function onSmallDisk(small: SmallProject, size: string, lines: string) {
  const told = join(small.folder, 'told');
  mkdirSync(told);
  mkdirSync(join(small.folder, 'disk'));
  const script = `
    cd "$1" || exit 90
    mount -t tmpfs -o size=${size} small-disk disk || exit 91
    calls=0 node=$2 main=$3
    stowage() {
      calls=$((calls + 1))
      "$node" "$main" "$@" >told/$calls.out 2>told/$calls.err
      echo $? >told/$calls.status
    }
    grow() { mount -o remount,size=64m disk || exit 92; }
    keep() { cp -a disk "kept-$1" || exit 93; }
    ${lines}
  `;
  const ended = await runProgram('unshare', [
    ...unshare,
    'sh',
    '-c',
    script,
    'sh',
    small.folder,
    process.execPath,
    main,
  ]);
  expect(ended).toEqual({ status: 0, out: '', err: '' });
  return (call: number) => ({
    status: Number(readFileSync(join(told, `${call}.status`), 'utf8')),
    out: readFileSync(join(told, `${call}.out`), 'utf8'),
    err: readFileSync(join(told, `${call}.err`), 'utf8'),
  });
}

/** The store on the small disk, and three archives of a mebibyte each, of which a disk of two takes one. */
async function largeProject(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  for (const night of [4, 5, 6]) put(small, `raw/${night}/image`, new Uint8Array(1 << 20).fill(night));
  return small;
}

function moveStore(small: SmallProject, store: string): void {
  const configuration = JSON.parse(readFileSync(small.config, 'utf8'));
  configuration.__config__.store = store;
  writeFileSync(small.config, JSON.stringify(configuration));
}

needing(canMount).describe('a disk that is really full', () => {
  test('under the store: exit 4, what fits is whole, and the run completes once there is room', async () => {
    const small = await largeProject();
    moveStore(small, 'dir:disk/vault');
    const said = await onSmallDisk(
      small,
      '2m',
      `mkdir disk/vault
       stowage archive config.json ${section}; keep full
       stowage archive config.json ${section}; keep still
       stowage status config.json
       grow
       stowage archive config.json ${section}; keep grown
       stowage archive config.json ${section}
       stowage verify config.json --level read`,
    );
    for (const call of [1, 2]) {
      expect(said(call).status).toBe(4);
      expect(said(call).err).toContain('no space left on the device');
      expect(said(call).err).toContain('free some space and run the same command again');
    }
    expect(said(3).status).toBe(0);
    expect(said(4)).toMatchObject({ status: 0, err: '' });
    expect(said(5)).toMatchObject({ status: 0, err: '' });
    expect(said(6)).toMatchObject({ status: 0, err: '' });
    const grown = filesBelow(join(small.folder, 'kept-grown/vault'));
    for (const kept of ['kept-full', 'kept-still']) {
      const archives = Object.entries(filesBelow(join(small.folder, kept, 'vault')));
      expect(archives.length).toBeGreaterThan(3);
      for (const [path, digest] of archives) {
        expect(path).not.toContain('.stowage/tmp/');
        expect(grown[path], `${kept}: ${path}`).toBe(digest);
      }
    }
    expect(Object.keys(grown).filter((path) => path.startsWith(`${section}/`)).length).toBe(7);
  });

  test.each([
    ['from the start', 'head -c 70000 /dev/zero >disk/filler 2>/dev/null', 0],
    ['in the middle of the journal', 'head -c 24000 /dev/zero >disk/filler', 4],
  ])('under the record, %s: exit 4, and nothing is made twice once there is room', async (_, fill, made) => {
    const small = smallProject(await scratchFolder());
    for (let at = 0; at < 300; at += 1) put(small, `raw/7/image-${at}`, 'x');
    const said = await onSmallDisk(
      small,
      '64k',
      `${fill}
       stowage archive config.json ${section} --state disk/state --jobs 1
       ls disk/state/lock >told/locks 2>/dev/null
       cp -a vault kept-vault
       grow
       stowage archive config.json ${section} --state disk/state
       stowage archive config.json ${section} --state disk/state
       stowage verify config.json --state disk/state --level read`,
    );
    expect(said(1).status, said(1).out).toBe(4);
    expect(said(1).err).toContain('no space left on the device');
    expect(said(1).err).toMatch(/hint|--state|free some space/);
    expect(readFileSync(join(small.folder, 'told/locks'), 'utf8')).toBe('');
    for (const call of [2, 3, 4]) expect(said(call), `call ${call}`).toMatchObject({ status: 0, err: '' });
    expect(said(3).out).not.toMatch(/stored/);
    const before = Object.entries(filesBelow(join(small.folder, 'kept-vault'))).filter(([path]) =>
      path.startsWith(section),
    );
    expect(before.length).toBe(made);
    const now = filesBelow(small.vault);
    for (const [path, digest] of before) expect(now[path], path).toBe(digest);
    expect(Object.keys(now).filter((path) => path.includes('.stowage/tmp/'))).toEqual([]);
  });

  test('under the temporary files of sessions with HPSS: exit 4, nothing is archived, and the run completes once there is room', async () => {
    const small = smallProject(await scratchFolder());
    const hpss = await scratchHpss();
    moveStore(small, `hpss:${hpss.home}`);
    const said = await onSmallDisk(
      small,
      '64k',
      `export HPSS_DIR='${hpss.folder}' TMPDIR="$PWD/disk"
       head -c 70000 /dev/zero >disk/filler 2>/dev/null
       stowage archive config.json ${section}
       grow
       stowage archive config.json ${section}
       stowage verify config.json --level read`,
    );
    expect(said(1).status).toBe(4);
    expect(said(1).err).toContain('no space left on the device');
    for (const call of [2, 3]) expect(said(call), `call ${call}`).toMatchObject({ status: 0, err: '' });
  });

  test('under what is restored: exit 4, what fits is whole, and the run completes once there is room', async () => {
    const small = await largeProject();
    const said = await onSmallDisk(
      small,
      '2m',
      `stowage archive config.json ${section}
       stowage restore config.json ${section} raw calib README.md --to disk/to; keep full
       grow
       stowage restore config.json ${section} raw calib README.md --to disk/to; keep grown`,
    );
    expect(said(1).status).toBe(0);
    expect(said(2).status).toBe(4);
    expect(said(2).err).toContain('no space left on the device');
    expect(said(2).err).toContain('free some space and run the same command again');
    expect(said(3)).toMatchObject({ status: 0, err: '' });
    const whole = filesBelow(small.tree);
    const full = Object.entries(filesBelow(join(small.folder, 'kept-full/to')));
    expect(full.length).toBeGreaterThan(4);
    for (const [path, digest] of full) expect(whole[path], path).toBe(digest);
    expect(filesBelow(join(small.folder, 'kept-grown/to'))).toEqual(whole);
  });
});
