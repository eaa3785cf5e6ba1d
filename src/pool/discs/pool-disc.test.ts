import { expect, test } from 'vitest';
import { poolConfiguration } from '../../../test/pool-run.ts';
import { discSettingsOf } from './pool-disc.ts';

test('what the section store and the overrides say comes to the writer', () => {
  const overrides = ['xorriso', 'eject', 'growisofs'].map(
    (name) => `<override><command>${name}</command><abs_path>/opt/${name}</abs_path></override>`,
  );
  const store =
    '<store><source_dir>/stage</source_dir><media_type>bd-re</media_type><device_type>bdwriter</device_type><target_device>/dev/sr1</target_device><target_scsi_id>0,1,2</target_scsi_id><drive_speed>4</drive_speed><no_eject>Y</no_eject><eject_delay>3</eject_delay><refresh_media_delay>5</refresh_media_delay></store>';
  expect(discSettingsOf(poolConfiguration('/r', store, overrides.join('')))).toMatchObject({
    ...{ deviceType: 'bdwriter', mediaType: 'bd-re', targetDevice: '/dev/sr1', targetScsiId: '0,1,2', driveSpeed: 4 },
    ...{ noEject: true, ejectDelay: 3, refreshMediaDelay: 5, xorriso: '/opt/xorriso', eject: '/opt/eject' },
  });
});
