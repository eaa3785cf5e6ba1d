import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { isFailure } from '../pool-event.ts';
import { executeValidate } from '../validate.ts';
import { plannedActions } from './planned-actions.ts';
import { runActions } from './run-actions.ts';

const purge = '<purge></purge>';
const extension = (name: string, index: string, depends = '') =>
  `<action><name>${name}</name><module>CedarBackup3.extend.sysinfo</module><function>f</function>${index}${depends}</action>`;
const index = (number: number) => `<index>${number}</index>`;
const order = (
  sections: string,
  wanted: readonly string[],
  where: { readonly here: boolean; readonly managed: boolean } = { here: true, managed: false },
) =>
  plannedActions(poolConfiguration('/r', sections), wanted, where).map(
    (step) => `${step.name}${step.where === 'here' ? '' : '@'}`,
  );

test.each([
  [
    ['purge', 'collect', 'stage'],
    ['collect', 'stage', 'purge'],
  ],
  [
    ['stage', 'early', 'late', 'collect'],
    ['early', 'collect', 'stage', 'late'],
  ],
  [
    ['collect', 'collect'],
    ['collect', 'collect'],
  ],
  [['all'], ['collect', 'stage', 'purge']],
  [['validate'], ['validate']],
])('%j is done as %j', (wanted, expected) => {
  const extensions = `<extensions>${extension('early', index(99))}${extension('late', index(299))}</extensions>`;
  expect(order(extensions + purge, wanted)).toEqual(expected);
});

test('what is done on managed peers comes behind the same here', () => {
  expect(order(purge, ['purge', 'collect'], { here: true, managed: true })).toEqual([
    'collect',
    'collect@',
    'purge',
    'purge@',
  ]);
  expect(order(purge, ['collect'], { here: false, managed: true })).toEqual(['collect@']);
});

test('by dependency', () => {
  const depends = (before: string, after: string) =>
    `<depends>${before && `<run_before>${before}</run_before>`}${after && `<run_after>${after}</run_after>`}</depends>`;
  const sections = (...actions: readonly string[]) =>
    `<extensions><order_mode>dependency</order_mode>${actions.join('')}</extensions>${purge}`;
  const two = sections(extension('x', '', depends('stage', 'y')), extension('y', '', depends('', 'collect')));
  expect(order(two, ['stage', 'x', 'collect', 'y'])).toEqual(['collect', 'y', 'x', 'stage']);
  const ring = sections(extension('x', '', depends('collect', 'purge')));
  expect(() => order(ring, ['x'])).toThrow(/ring/);
  expect(() => order(sections(extension('x', '', depends('nothing', ''))), ['x'])).toThrow(/'nothing'/);
});

test.each([[['bogus']], [['all', 'stage']], [['validate', 'collect']], [['constructor']]])('%j cannot be', (wanted) => {
  expect(() => order(purge, wanted)).toThrow(expect.objectContaining({ code: 'configuration' }));
});

test('what is not in this version, and a module that is not there, are said before anything is done', () => {
  const run = runOf(poolConfiguration('/r', purge));
  expect(() => runActions(run, [{ name: 'undo', where: 'here', module: undefined }])).toThrow(
    /'undo' is not in this version/,
  );
  const own =
    purge +
    `<extensions>${extension('own', index(1))}</extensions>`.replace('CedarBackup3.extend.sysinfo', 'my.module');
  expect(() => runActions(runOf(poolConfiguration('/r', own)), [])).toThrow(/'my.module'/);
});

test('validate tells everything that is wrong, and changes nothing', async () => {
  const root = await scratchFolder();
  const sections = `<collect><collect_dir>@ROOT@/collect</collect_dir><collect_mode>daily</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><file><abs_path>@ROOT@/file</abs_path></file><dir><abs_path>@ROOT@/src</abs_path></dir></collect><stage><staging_dir>@ROOT@/stage</staging_dir><peer><name>p</name><type>local</type><collect_dir>@ROOT@/peer</collect_dir></peer></stage><purge><dir><abs_path>@ROOT@/stage</abs_path><retain_days>1</retain_days></dir></purge>`;
  const validate = (more = '') => eventsOf(executeValidate(runOf(poolConfiguration(root, more + sections))));
  const before = await validate();
  expect(before.filter(isFailure).map((one) => one.text.replaceAll(root, ''))).toEqual([
    'There is no section reference.',
    'The working directory [/work]: no such file or directory.',
    'The collect directory [/collect]: no such file or directory.',
    'The directory to collect [/src]: no such file or directory.',
    'The file to collect [/file]: no such file or directory.',
    'The staging directory [/stage]: no such file or directory.',
    'The collect directory of the peer p [/peer]: no such file or directory.',
    'The directory to purge [/stage]: no such file or directory.',
    'Configuration is not valid.',
  ]);
  for (const name of ['work', 'collect', 'src', 'stage', 'peer']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/file`, '');
  expect(await validate('<reference></reference>')).toEqual([
    { kind: 'pool', action: 'validate', level: 'info', deed: 'valid', text: 'Configuration is valid.' },
  ]);
  expect(existsSync(`${root}/work/.stowage`)).toBe(false);
});

test('the programs of hooks can be overridden', async () => {
  const root = await scratchFolder();
  mkdirSync(`${root}/work`);
  writeFileSync(`${root}/mine`, `#!/bin/sh\nprintf '%s|' "$@" > ${root}/said\n`);
  chmodSync(`${root}/mine`, 0o755);
  const options = `<override><command>tool</command><abs_path>${root}/mine</abs_path></override><pre_action_hook><action>purge</action><command>tool a "b c" $(x)</command></pre_action_hook>`;
  const configuration = poolConfiguration(root, purge, options);
  await eventsOf(runActions(runOf(configuration), [{ name: 'purge', where: 'here', module: undefined }]));
  expect(readFileSync(`${root}/said`, 'utf8')).toBe('a|b c|$(x)|');
});
