import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../../test/ssh/loopback-sshd.ts';
import { findProgram } from '../programs/find-program.ts';
import { checkPool } from './check-pool.ts';

async function reportsOf<Report>(reports: AsyncIterable<Report>): Promise<readonly Report[]> {
  const all: Report[] = [];
  for await (const report of reports) all.push(report);
  return all;
}

needing(findProgram('xorriso') !== undefined).test('who asks is told whether the disc can be used', async () => {
  const root = await scratchFolder();
  for (const name of ['work', 'stage']) mkdirSync(`${root}/${name}`);
  const path = `${root}/cback3.conf`;
  const options = `<starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B</rcp_command>`;
  const disc = `<media_type>bd-re</media_type><device_type>bdwriter</device_type><target_device>${root}/disc.iso</target_device>`;
  const said = async (more = '') => {
    const store = `<store><source_dir>${root}/stage</source_dir>${disc}${more}</store>`;
    writeFileSync(path, `<cb_config><options>${options}</options>${store}</cb_config>`);
    const last = (await reportsOf(checkPool(path, true))).at(-1)!;
    return last.kind === 'pool' ? `${last.level}: ${last.text}`.replaceAll(root, '') : last.kind;
  };
  expect(await said()).toMatch(/^error: \[\/disc\.iso\] cannot be used: there is no '\/disc\.iso' \(.*touch/);
  writeFileSync(`${root}/disc.iso`, 'a letter');
  expect(await said()).toMatch(/^error: \[\/disc\.iso\] cannot be used: .* neither empty nor an ISO image/);
  writeFileSync(`${root}/disc.iso`, '');
  expect(await said()).toBe('info: [/disc.iso] is there.');
  expect(await said('<check_media>Y</check_media>')).toMatch(/^error: .*Media has not been initialized/);
});

needing(hasSshd).test('who asks is told what to do about a host key that is not known, or has changed', async () => {
  const sshd = await loopbackSshd();
  const root = await scratchFolder();
  for (const name of ['work', 'stage', 'peer']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/peer/cback.collect`, '');
  const path = `${root}/cback3.conf`;
  const options = `<starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>${sshd.rcpCommand}</rcp_command><rsh_command>${sshd.rshCommand}</rsh_command>`;
  const peer = `<peer><name>127.0.0.1</name><type>remote</type><collect_dir>${root}/peer</collect_dir></peer>`;
  writeFileSync(
    path,
    `<cb_config><options>${options}</options><stage><staging_dir>${root}/stage</staging_dir>${peer}</stage></cb_config>`,
  );
  const said = async () => {
    const last = (await reportsOf(checkPool(path, true))).at(-1)!;
    return last.kind === 'pool' ? `${last.level}: ${last.text}` : last.kind;
  };
  expect(await said()).toBe('info: [127.0.0.1] is ready to be staged.');
  sshd.changeHostKey();
  expect(await said()).toMatch(
    /^error: \[127\.0\.0\.1\] cannot be reached: its host key has changed \(.* only if SHA256:\S+, .*: ssh-keygen -R .*\)\.$/,
  );
  writeFileSync(`${sshd.folder}/known_hosts`, '');
  expect(await said()).toMatch(
    /^error: \[127\.0\.0\.1\] cannot be reached: its host key is not known \(.*ssh -p \d+ 127\.0\.0\.1 shows a fingerprint: .*\)\.$/,
  );
});
