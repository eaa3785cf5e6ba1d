import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
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
