import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPoolConfiguration } from './read-pool-configuration.ts';

const read = (text: string, options = {}) => readPoolConfiguration(Buffer.from(text), 'cback3.conf', options);
const told = (text: string, options = {}) =>
  read(text, options).problems.map(
    (one) => `${one.severity} ${one.where}: ${one.message}${one.suggestion ? ` (${one.suggestion})` : ''}`,
  );

const options =
  '<options><starting_day>monday</starting_day><working_dir>/w</working_dir><backup_user>u</backup_user><backup_group>g</backup_group><rcp_command>/usr/bin/scp -B</rcp_command></options>';
const purge = '<purge><dir><abs_path>/p</abs_path><retain_days>7</retain_days></dir></purge>';
const xml = (...sections: readonly string[]) => `<?xml version="1.0"?>\n<cb_config>${sections.join('')}</cb_config>`;
const peer = (name: string, more = '') =>
  `<peer><name>${name}</name><type>local</type><collect_dir>/c</collect_dir>${more}</peer>`;
const stage = (...peers: readonly string[]) => `<stage><staging_dir>/s</staging_dir>${peers.join('')}</stage>`;

test('everything that a file can say arrives', () => {
  const { configuration, problems } = read(
    xml(
      '<reference><author> A &amp; B </author></reference>',
      '<extensions><order_mode>dependency</order_mode><action><name>encrypt</name><module>CedarBackup3.extend.encrypt</module><function>executeAction</function><depends><run_before>store, purge</run_before><run_after>stage</run_after></depends></action></extensions>',
      '<options><starting_day>sunday</starting_day><working_dir>/w</working_dir><backup_user>u</backup_user><backup_group>g</backup_group><rcp_command>scp</rcp_command><rsh_command>ssh</rsh_command><cback_command>cback3</cback_command><managed_actions>collect, purge,</managed_actions><override><command>su</command><abs_path>/bin/su</abs_path></override><override><command>su</command><abs_path>/late</abs_path></override><post_action_hook><action>stage</action><command>b "c d"</command></post_action_hook><pre_action_hook><action>stage</action><command>a</command></pre_action_hook></options>',
      `<peers>${peer('one', '<ignore_failures>weekly</ignore_failures>')}<peer><name>two</name><type>remote</type><collect_dir>/c2</collect_dir><backup_user>v</backup_user><managed>Y</managed></peer></peers>`,
      '<collect><collect_dir>/c</collect_dir><collect_mode>daily</collect_mode><archive_mode>targz</archive_mode><ignore_file>.cbignore</ignore_file><exclude><abs_path>/no</abs_path><pattern>.*~</pattern></exclude><file><abs_path>/f</abs_path><mode>incr</mode></file><dir><abs_path> /d </abs_path><archive_mode>tar</archive_mode><link_depth>1</link_depth><dereference>Y</dereference><recursion_level>2</recursion_level><exclude><rel_path>x</rel_path><rel_path>y</rel_path></exclude></dir></collect>',
      '<stage><staging_dir>/s</staging_dir></stage>',
      '<store><source_dir>/s</source_dir><media_type>dvd+rw</media_type><device_type>dvdwriter</device_type><target_device>/dev/sr0</target_device><drive_speed>4</drive_speed><check_data>y</check_data><blank_behavior><mode>weekly</mode><factor>1.3</factor></blank_behavior></store>',
      purge,
      '<split><size_limit>2.5 GB</size_limit><split_size>100 MB</split_size></split>',
    ),
  );
  expect(problems).toEqual([]);
  expect(configuration).toMatchObject({
    reference: { author: 'A & B' },
    extensions: { orderMode: 'dependency', actions: [{ runBefore: ['store', 'purge'], runAfter: ['stage'] }] },
    options: {
      startingDay: 'sunday',
      managedActions: ['collect', 'purge'],
      overrides: new Map([['su', '/bin/su']]),
      hooks: [
        { when: 'before', action: 'stage', command: 'a' },
        { when: 'after', action: 'stage', command: 'b "c d"' },
      ],
    },
    peers: {
      peers: [
        { type: 'local', name: 'one', collectDir: '/c', ignoreFailures: 'weekly' },
        { type: 'remote', name: 'two', backupUser: 'v', managed: true, rcpCommand: undefined },
      ],
    },
    collect: {
      collectDir: '/c',
      excludedPaths: ['/no'],
      excludedPatterns: ['.*~'],
      files: [{ path: '/f', mode: 'incr', archiveMode: 'targz' }],
      dirs: [
        {
          path: '/d',
          mode: 'daily',
          archiveMode: 'tar',
          ignoreFile: '.cbignore',
          linkDepth: 1,
          dereference: true,
          recursionLevel: 2,
          excludedRelativePaths: ['x', 'y'],
        },
      ],
    },
    stage: { stagingDir: '/s', peers: [] },
    store: {
      target: undefined,
      checkData: true,
      disc: { driveSpeed: 4, checkMedia: false, blankBehavior: { mode: 'weekly', factor: 1.3 } },
    },
    purge: { dirs: [{ path: '/p', retainDays: 7 }] },
    sections: { split: { sizeLimit: 2684354560, splitSize: 104857600 }, mysql: undefined },
  });
});

test('all problems are told at once, each with its path', () => {
  const text = xml(
    '<options><starting_day>Monday</starting_day><working_dir>w</working_dir><backup_user>u</backup_user></options>',
    '<peers><peer><name>../up</name><type>lokal</type><collect_dir>/c</collect_dir></peer></peers>',
    '<collect><collect_dir>/c</collect_dir><dir><abs_path>/d</abs_path><dereference>yes</dereference><exclude><pattern>(</pattern></exclude></dir></collect>',
    '<purge><dir><abs_path>/p</abs_path><retain_days>-1</retain_days></dir><dir><abs_path>/q</abs_path></dir></purge>',
  );
  expect(told(text).sort()).toEqual([
    'error collect › dir 1 › archive_mode: is missing, and the section has none for all',
    'error collect › dir 1 › collect_mode: is missing, and the section has none for all',
    "error collect › dir 1 › dereference: must be 'Y' or 'N', not 'yes'",
    expect.stringMatching(/^error collect › dir 1 › exclude › pattern 1: is no regular expression: .+/),
    'error collect › dir 1 › ignore_file: is missing, and the section has none for all',
    'error options › backup_group: is missing',
    'error options › rcp_command: is missing',
    "error options › starting_day: must be one of 'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', not 'Monday' (is 'monday' meant?)",
    "error options › working_dir: must be an absolute path, not 'w'",
    "error peers › peer 1 › name: must be the plain name of a host: letters, digits, dots, hyphens and underscores, not '../up'",
    "error peers › peer 1 › type: must be one of 'local', 'remote', not 'lokal' (is 'local' meant?)",
    "error purge › dir 1 › retain_days: must be a whole number, not '-1'",
    'error purge › dir 2 › retain_days: is missing',
  ]);
  expect(read(text).configuration).toBeUndefined();
});

test('what a peer could not be reached by is told with its line, and not when it is reached', () => {
  const text = xml(
    options
      .replace('</rcp_command>', ' "-i</rcp_command>')
      .replace(/<backup_user>[^<]*/, '<backup_user>-oProxyCommand=x'),
    '<peers><peer><name>my host</name><type>local</type><collect_dir>/c</collect_dir></peer><peer><name>far</name><type>remote</type><collect_dir>/c</collect_dir></peer></peers>',
    purge,
  );
  expect(told(text).sort()).toEqual([
    "error options › backup_user: cannot be passed to ssh as the name of a user: '-oProxyCommand=x'",
    expect.stringMatching(/^error options › rcp_command: has a double quote that is not closed/),
    "error peers › peer 1 › name: must be the plain name of a host: letters, digits, dots, hyphens and underscores, not 'my host'",
  ]);
});

test('an unknown element warns, or is an error where that is asked', () => {
  const text = xml(options, purge, '<colect><dir/></colect>').replace('<retain_days>', '<x/><retain_days>');
  expect(told(text)).toEqual([
    'warning purge › dir 1 › x: there is no such element',
    "warning colect: there is no such element (is 'collect' meant?)",
  ]);
  expect(read(text).configuration?.purge?.dirs).toEqual([{ path: '/p', retainDays: 7 }]);
  expect(told(text, { unknown: 'error' }).every((one) => one.startsWith('error'))).toBe(true);
  expect(read(text, { unknown: 'error' }).configuration).toBeUndefined();
});

test('of two scalars in XML the first counts, with a warning', () => {
  const text = xml(options.replace('<working_dir>', '<working_dir>/first</working_dir><working_dir>'), purge);
  expect(told(text)).toEqual([
    'warning options › working_dir: stands more than once: only the first counts (delete the others)',
  ]);
  expect(read(text).configuration?.options.workingDir).toBe('/first');
});

// The last ones no peer could be made of: better now than when it is staged.
test.each(['..', '.', 'a/b', '/etc', '-rf', '', 'a b', '...', '::1', 'ä'])('the peer name %j is refused', (name) => {
  expect(read(xml(options, stage(peer(name)))).configuration).toBeUndefined();
});

test.each(['host', 'host.example.org', '127.0.0.1', 'a_b-1'])('the peer name %j is taken', (name) => {
  expect(read(xml(options, stage(peer(name)))).configuration?.stage?.peers[0]?.name).toBe(name);
});

test.each<[string, string, string]>([
  ['nothing at all', '', 'not valid XML: there is no element at all'],
  ['an element that is not closed', '<cb_config><options>', 'not valid XML: never closed: <cb_config>, <options>'],
  ['another root', `<wrong>${options}</wrong>`, 'the element <cb_config> must hold all others'],
  ['a bare &', xml(options, '<reference><author>A & B</author></reference>', purge), "not valid XML: char '&' is not"],
  ['an entity of its own', xml(options, '<reference><author>&x;</author></reference>', purge), "'&x;' is no entity"],
  ['no JSON', '{"options": ', 'not valid JSON'],
])('%s', (_, text, expected) => {
  expect(told(text).join('\n')).toContain(expected);
  expect(read(text).configuration).toBeUndefined();
});

test('two peers of one name, none at all, and a managed one without a command', () => {
  expect(told(xml(options, stage(peer('a'), peer('b'), peer('a'))))).toEqual([
    "error stage › peer 3 › name: there is another peer 'a': names must be unique",
  ]);
  expect(told(xml(options, stage()))[0]).toContain('at least one peer');
  expect(told(xml(options, '<peers></peers>', stage(peer('a'))))[0]).toContain('at least one peer');
  const managed = peer('a', '<managed>Y</managed>').replace('local', 'remote');
  expect(told(xml(options, `<peers>${managed}</peers>`, purge))).toHaveLength(3);
  expect(told(xml(options))).toEqual([expect.stringContaining('at least one of the sections')]);
});

test('JSON is the same structure, with the same problems, and its unknown keys are errors', () => {
  const inXml = read(xml(options, stage(peer('a')), purge));
  const inJson = read(JSON.stringify(inXml.data));
  expect(inJson.problems).toEqual([]);
  expect(inJson.configuration).toEqual(inXml.configuration);
  expect(inJson.language).toBe('json');
  const typed = { ...(inXml.data as object), purge: { dir: [{ abs_path: '/p', retain_days: 7 }] } };
  expect(read(JSON.stringify(typed)).configuration).toEqual(inXml.configuration);
  expect(told(JSON.stringify({ ...typed, purg: {} }))).toEqual([
    "error purg: there is no such key (is 'purge' meant?)",
  ]);
});

test('a path whose bytes are not UTF-8 stays what it is', () => {
  const bytes = Buffer.from(xml(options, purge).replace('/p<', '/\u00e4<'), 'latin1');
  expect(readPoolConfiguration(bytes, 'c').configuration?.purge?.dirs[0]?.path).toBe('/\udce4');
});

test('every configuration of the recorded cases is read, or is one that the original refuses too', () => {
  const cases = new URL('../../../test/oracle/pool/cases/', import.meta.url);
  const configOf = (name: string) =>
    readFileSync(new URL(`${name}/config.xml`, cases), 'utf8').replace(/@(ROOT|SHIMS)@/g, '/$1');
  const refused = readdirSync(cases).filter((name) => read(configOf(name)).configuration === undefined);
  const wrong = (name: string) =>
    JSON.parse(readFileSync(new URL(`${name}/expected.json`, cases), 'utf8')).steps[0].exit === 4;
  // A peer that would climb out of the staging directory, which the original takes.
  expect(refused.filter((name) => !wrong(name))).toEqual(['s43-peer-name-dotdot']);
  expect(refused.length).toBeGreaterThan(8);
});
