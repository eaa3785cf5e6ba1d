import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { findProgram } from '../../src/programs/find-program.ts';
import { builtCli, runProgram } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';

const canMount =
  (await runProgram('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).catch(() => undefined))?.status === 0;

/** The day is made within the mount, so that it is the same to the process that stores it. */
const script = `
cd "$1" && mount -t tmpfs -o size=5m small disk && : >disk/disc.iso
day=stage/$(date +%Y/%m/%d); mkdir -p $day/one; head -c 1000000 /dev/zero >$day/one/a.tar; : >$day/cback.stage
"$2" "$3" pool store cback3.conf >/dev/null 2>&1; echo first $?
cp disk/disc.iso before; mkdir $day/two; head -c 3000000 /dev/zero >$day/two/b.tar; rm $day/cback.stage; : >$day/cback.stage
"$2" "$3" pool store cback3.conf >/dev/null 2>&1; echo second $?; cmp disk/disc.iso before && echo as it was
[ $day/cback.store -nt $day/cback.stage ] || echo not marked
ls -A disk
mount -o remount,size=50m disk
"$2" "$3" pool store cback3.conf >/dev/null 2>&1; echo again $?
[ $day/cback.store -ot $day/cback.stage ] || echo marked
"$2" "$3" pool verify cback3.conf --all-sessions >/dev/null 2>&1; echo verified $?
`;

needing(canMount && process.getuid?.() === 0 && findProgram('xorriso') !== undefined).test(
  'a day that is appended on a really full disk is not marked, the image is as it was, and with room it goes on',
  async () => {
    const folder = await scratchFolder();
    builtCli();
    for (const name of ['disk', 'work', 'stage', 'one']) mkdirSync(join(folder, name));
    const options = `<options><starting_day>monday</starting_day><working_dir>${folder}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B</rcp_command></options>`;
    const store = `<store><source_dir>${folder}/stage</source_dir><media_type>dvd+rw</media_type><device_type>dvdwriter</device_type><target_device>${folder}/disk/disc.iso</target_device></store>`;
    writeFileSync(join(folder, 'cback3.conf'), `<cb_config>${options}${store}</cb_config>`);
    const main = fileURLToPath(new URL('../../dist/main.mjs', import.meta.url));
    const args = ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, main];
    const { status, out, err } = await runProgram('unshare', args);
    expect({ status, err, lines: out.trimEnd().split('\n') }).toEqual({
      ...{ status: 0, err: '' },
      lines: ['first 0', 'second 4', 'as it was', 'not marked', 'disc.iso', 'again 0', 'marked', 'verified 0'],
    });
  },
);
