import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { findProgram } from '../../src/programs/find-program.ts';
import { builtCli, runProgram } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';

/** Root may mount in a name space of its own; anybody else needs one of users too. */
const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const canMount =
  (await runProgram('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;

// The first session takes 832 KiB. The second fits in neither: one disk has no room for the copy, the other none for what is added to it.
needing(canMount && findProgram('xorriso') !== undefined).test.each([
  ['1500k', 'full full'],
  ['3500k', 'full full'],
  ['32m', 'written written'],
])('an image on a really full disk of %s is as it was, and nothing else is left', async (size, expected) => {
  const folder = await scratchFolder();
  builtCli();
  for (const [name, bytes] of [
    ['one', 400_000],
    ['two', 3_000_000],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), Buffer.alloc(bytes, name));
  }
  mkdirSync(join(folder, 'disk'));
  const program = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { checkDisc, createWriter } from ${JSON.stringify(fileURLToPath(new URL('../../dist/disc.mjs', import.meta.url)))};
    const image = 'disk/disc.iso';
    const writer = await createWriter({ deviceType: 'dvdwriter', mediaType: 'dvd+rw', targetDevice: process.cwd() + '/' + image });
    const write = (name) => {
      writer.initializeImage({ newDisc: false, mediaLabel: 'X' });
      writer.addImageEntry(process.cwd() + '/' + name, name);
      return writer.writeImage().then(() => 'written', (error) => error.code);
    };
    const said = [await write('one')];
    const before = readFileSync(image);
    for (const again of [1, 2]) said.push(await write('two'));
    if (said.includes('full') && !readFileSync(image).equals(before)) said.push('not as it was');
    const { faults } = await checkDisc(image);
    console.log(said.join(' '), faults.length, readdirSync('disk').join(' '));
  `;
  writeFileSync(join(folder, 'program.mjs'), program);
  const script = `cd "$1" && mount -t tmpfs -o size=${size} small disk && : >disk/disc.iso && exec "$2" program.mjs`;
  const args = [...unshare, 'sh', '-c', script, 'sh', folder, process.execPath];
  expect(await runProgram('unshare', args)).toEqual({ status: 0, out: `written ${expected} 0 disc.iso\n`, err: '' });
});
