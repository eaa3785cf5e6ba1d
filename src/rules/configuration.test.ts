import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

const good = '"root": "/r", "store": "dir:v"';
const withSettings = (settings: string) => `{"__config__": {${settings}}}`;
const withSection = (section: string, name = 'data') => `{"__config__": {${good}},\n"${name}": ${section}}`;
const withRule = (pattern: string, template = '"x"') =>
  withSection(`{"__exclude__": [], "d": {"${pattern}": ${template}}}`);
const read = (text: string, name = 'c.json') => readConfiguration(Buffer.from(text), name);

test('the example of the manual', () => {
  const text = `{
  "__config__": {"root": "/projects/my_project///", "hpss_root": "/hpss/projects/my_project", "physical_disks": ["my_project"]},
  "data": {
    "__exclude__": ["d1/README.html"],
    "d1": {"d1/batch/.*$": "d1/batch.tar", "d1/([^/]+\\\\.txt)$": "d1/\\\\1", "d1/tmp/.*$": "EXCLUDE", "d1/auto/.*$": "AUTOMATED"},
    "10": {}, "9": {}
  },
  "a/b": {"__exclude__": []}
}`;
  const { configuration, problems } = read(text);
  expect(problems).toEqual([]);
  expect(configuration).toMatchObject({
    name: 'c.json',
    root: '/projects/my_project',
    hpssRoot: '/hpss/projects/my_project',
    physicalDisks: ['my_project'],
    store: undefined,
  });
  expect([...configuration!.sections.keys()]).toEqual(['data', 'a/b']);
  const { excluded, directories } = configuration!.sections.get('data')!;
  expect([...excluded]).toEqual(['d1/README.html']);
  expect([...directories.keys()]).toEqual(['d1', '10', '9']);
  expect(directories.get('d1')!.map(({ pattern, template, kind, line }) => [pattern, template, kind, line])).toEqual([
    ['d1/batch/.*$', 'd1/batch.tar', 'archive', 5],
    ['d1/([^/]+\\.txt)$', 'd1/\\1', 'archive', 5],
    ['d1/tmp/.*$', 'EXCLUDE', 'exclude', 5],
    ['d1/auto/.*$', 'AUTOMATED', 'automated', 5],
  ]);
});

test.each(['false', 'null', '0', '""', '[]'])('physical_disks %s means the root alone', (disks) => {
  const { configuration, problems } = read(withSettings(`${good}, "physical_disks": ${disks}`));
  expect(problems).toEqual([]);
  expect(configuration!.physicalDisks).toEqual([]);
});

test.each([
  ['{"a": NaN}', '', 'NaN is no JSON number'],
  ['[]', '', 'the configuration must be an object, not a list'],
  ['{}', '', "there is no '__config__'"],
  ['{"__confg__": {}}', '__confg__', "'__confg__' is no section", "did you mean '__config__'?"],
  ['{"__config__": []}', '__config__', "'__config__' must be an object, not a list"],
  [withSettings('"store": "dir:v"'), '__config__', "has no 'root'"],
  [withSettings('"store": "dir:v", "root": 1'), '__config__ › root', "'root' must be a string, not a number"],
  [withSettings('"store": "dir:v", "root": "r"'), '__config__ › root', "must be an absolute path, not 'r'"],
  [withSettings('"root": "/r"'), '__config__', "neither 'store' nor 'hpss_root'"],
  [
    withSettings('"root": "/r", "hpss_root": 3'),
    '__config__ › hpss_root',
    'must be a string that says where, not a number',
  ],
  [withSettings('"root": "/r", "store": "/vault"'), '__config__ › store', "'/vault' is not the URL of a store"],
  [
    withSettings(`${good}, "physical_disks": "xy"`),
    '__config__ › physical_disks',
    'not a string',
    'put it in a list: ["xy"]',
  ],
  [withSettings(`${good}, "physical_disks": true`), '__config__ › physical_disks', 'not a boolean'],
  [withSettings(`${good}, "physical_disks": [1]`), '__config__ › physical_disks', 'a disk must be a string'],
  [withSettings(`${good}, "physical_disks": ["../x"]`), '__config__ › physical_disks', "it has a part '..'"],
  [`{"$schema": {}, "__config__": {${good}}}`, '$schema', 'must be the URL or path of a JSON Schema'],
  [withSection('null'), 'data', 'a section must be an object, not null'],
  [withSection('{"__exclude__": []}', ''), '', "'' cannot be a section: it is empty"],
  [withSection('{"__exclude__": []}', 'a/../b'), 'a/../b', "it has a part '..'"],
  [withSection('{"__exclude__": []}', '/a'), '/a', 'it is absolute'],
  [withSection('{"__exclude__": []}', '.stowage/a'), '.stowage/a', 'used by Stowage itself'],
  [
    withSection('{"__exclude__": "abc"}'),
    'data › __exclude__',
    'must be a list of paths, not a string',
    'put it in a list: ["…"]',
  ],
  [withSection('{"__exclude__": [["x"]]}'), 'data › __exclude__', 'a path must be a string, not a list'],
  [
    withSection('{"__exclude__": [], "__exlude__": ["x"]}'),
    'data › __exlude__',
    'no directory',
    "did you mean '__exclude__'?",
  ],
  [withSection('{"__exclude__": [], "__TOP__": {}}'), 'data › __TOP__', 'no directory', "did you mean '__top__'?"],
  [withSection('{"__exclude__": [], "d": "abc"}'), 'data › d', "a directory's entry must be an object"],
  [withRule('d/a$', '3'), 'data › d › d/a$', 'the archive name must be a string, not a number'],
  [
    withRule('d/(r\\\\d{5,4})$'),
    'data › d › d/(r\\d{5,4})$',
    'bad pattern: min repeat greater than max repeat at position 7',
  ],
  [withRule('d/\\\\N{BELL}$'), 'data › d › d/\\N{BELL}$', "character name '\\N{BELL}' is not supported at position 2"],
  [withRule('d/(x)$', '"y\\\\9"'), 'data › d › d/(x)$', 'bad template: invalid group reference 9 at position 2'],
])('%s is an error', (text, where, message, suggestion?: string) => {
  const { configuration, problems } = read(text);
  expect(configuration).toBeUndefined();
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(errors).toEqual([expect.objectContaining({ where, message: expect.stringContaining(message) })]);
  if (suggestion !== undefined) expect(errors[0]!.suggestion).toBe(suggestion);
});

test.each([
  [
    withSettings(`${good}, "hpss_rot": "/x"`),
    '__config__ › hpss_rot',
    "unknown key 'hpss_rot'",
    "did you mean 'hpss_root'?",
  ],
  [
    withSettings(`${good}, "zzz": 1`),
    '__config__ › zzz',
    "unknown key 'zzz'",
    'known are root, hpss_root, physical_disks, store',
  ],
  [withSection('{}'), 'data', "should have an '__exclude__' entry"],
  [withSection('{"__exclude__": [], "a/b": {}}'), 'data › a/b', 'is never used'],
  [withRule('d/a'), 'data › d › d/a', "does not end with '$'"],
  [
    withRule('e/a$'),
    'data › d › e/a$',
    "can never match: paths here begin with 'd/', it begins with 'e/a'",
    'begin it with d/, or move it to the entry "e"',
  ],
  [
    withRule('data/d/a$'),
    'data › d › data/d/a$',
    'can never match',
    'paths are relative to the section: leave out data/',
  ],
  [withRule('/d/a$'), 'data › d › /d/a$', 'can never match', "leave out what is above it, and the first '/'"],
  [
    withSection('{"__exclude__": [], "__top__": {"d/a$": "x.tar"}}'),
    'data › __top__ › d/a$',
    "'__top__' is for paths without '/'",
    'move it to the entry "d"',
  ],
  [withRule('d/\\ba$'), 'data › d › d/\ba$', 'holds a control character: in JSON \\b is one', 'write \\\\b'],
  [
    withRule('.*$', '"d.tar"'),
    'data › d › .*$',
    "the name is given twice: 'd/x' would go into 'd.tard.tar'",
    'begin it with d/',
  ],
  [withRule('(d/[0-9]+)?$', '"d.tar"'), 'data › d › (d/[0-9]+)?$', "'d/x' would go into 'd/xd.tar'"],
  [
    withRule('d/(a+)+$'),
    'data › d › d/(a+)+$',
    "a repeat stands directly inside a repeat: on names such as 'd/aaaaaaaaaaaaa",
    'let one repeat do',
  ],
  [withRule('d/(a|ab|b)*$'), 'data › d › d/(a|ab|b)*$', 'in more than one way: on names such as', '(a|ab)* is (ab?)*'],
  [withRule('d/.*.*x$'), 'data › d › d/.*.*x$', "grows with the square of a name's length, or faster, as with 'd/aaaa"],
  [withRule('d/.*$', '"/d.tar"'), 'data › d › d/.*$', "no archive can have the name '/d.tar': it is absolute"],
  [withRule('d/.*$', '""'), 'data › d › d/.*$', "no archive can have the name '': it is empty"],
  [withRule('d/.*$', '"d.tar.gz"'), 'data › d › d/.*$', "does not end in '.tar': it can hold one file only"],
  [
    withSection('{"__exclude__": [], "d": {"d/.*$": "d.tar",\n"d/x/.*$": "d/x.tar"}}'),
    'data › d › d/x/.*$',
    "every path that the pattern matches, 'd/.*$' in line 2 matches too",
  ],
  [
    withRule('d/a$', '"EXLUDE"'),
    'data › d › d/a$',
    "'EXLUDE' is taken as the name of an archive",
    "write 'EXCLUDE' if that is meant",
  ],
  [
    withSection('{"__exclude__": [], "d": {}, "e": {}, "d": {}}'),
    'data › d',
    'stands twice: the one in line 2 is ignored',
  ],
])('%s is a warning', (text, where, message, suggestion?: string) => {
  const { configuration, problems } = read(text);
  expect(configuration).toBeDefined();
  expect(problems).toEqual([
    expect.objectContaining({ severity: 'warning', where, message: expect.stringContaining(message) }),
  ]);
  if (suggestion !== undefined) expect(problems[0]!.suggestion).toContain(suggestion);
});

test.each([
  withRule('(?:d|e)/a$'),
  withRule('.*$', '"EXCLUDE"'),
  withRule('^.*$'),
  withRule('d/([^/]+\\\\.tar\\\\.gz)$', '"d/\\\\1"'),
  `{"$schema": "https://example.org/s.json", "__config__": {${good}}}`,
  withSection('{"__exclude__": [], "__top__": {"[^/]+$": "x"}, "__pycache__": {}}'),
])('%s is without problems', (text) => {
  expect(read(text).problems).toEqual([]);
});

test.each([
  ['d/[a$', '"x"', '[', 'close it with'],
  ['d/(a$', '"x"', '(', "close the group with ')'"],
  ['d/a)$', '"x"', ')', "a ')' too many"],
  ['*.txt', '"x"', '*', '*.txt of a shell is [^/]+\\\\.txt$ here'],
  ['?', '"x"', '', 'any text is .*'],
  ['d/a**$', '"x"', '*$', 'one of them too many'],
  ['d/[z-a]$', '"x"', 'z-a', 'write the lower end first'],
  ['d/a{3,2}$', '"x"', '3,2', 'write the smaller number first'],
  ['d/\\\\q$', '"x"', '\\q', 'a backslash that is meant itself'],
  ['d/a$', '"\\\\1"', '1', 'the pattern has no groups: put parentheses around the part that \\\\1 stands for'],
  ['d/(a)$', '"\\\\2"', '2', 'the pattern has one group, \\\\1'],
  ['d/(a)(b)$', '"\\\\3"', '3', 'the pattern has 2 groups, \\\\1 to \\\\2'],
])('%s with %s is shown where it is wrong, and what to do', (pattern, name, from, advice) => {
  const error = read(withRule(pattern, name)).problems.find(({ severity }) => severity === 'error')!;
  const { text, position } = error.excerpt!;
  expect(text.slice(position)).toMatch(new RegExp(`^${from.replace(/[[(){}*$\\]/g, '\\$&')}`));
  expect(error.suggestion).toContain(advice);
  expect(error.keys).toEqual(['data', 'd', pattern.replaceAll('\\\\', '\\')]);
});

test('what a comma too many hides is told as well', () => {
  const { configuration, problems } = read('{"__config__": {"root": "r", "store": "dir:v",},\n"data": null,}');
  expect(configuration).toBeUndefined();
  expect(problems.map(({ line, column, message }) => `${line}:${column} ${message.split(':')[0]}`)).toEqual([
    "1:25 'root' must be an absolute path, not 'r'",
    '1:46 not valid JSON',
    '2:9 a section must be an object, not null',
    '2:13 not valid JSON',
  ]);
});

test.each([
  ['c.json', 0],
  ['dir/c.json', 0],
  ['c.JSON', 1],
  ['.json', 1],
  ['dir/.json', 1],
])('the file name %s', (name, warnings) => {
  expect(read(withSettings(good), name).problems).toHaveLength(warnings);
});

test('of equal keys the last counts, in the place of the first, and only it is checked', () => {
  const { configuration } = read(withSection('{"__exclude__": [], "d": {"(": "x"}, "e": {}, "d": {"d/y$": "z"}}'));
  const { directories } = configuration!.sections.get('data')!;
  expect([...directories.keys()]).toEqual(['d', 'e']);
  expect(directories.get('d')!.map(({ pattern }) => pattern)).toEqual(['d/y$']);
});

test('all problems are told at once, errors first, each at its place', () => {
  const text = '{"__config__": {"root": "r",\n"zzz": 1},\n"a": {\n  "d": {"d/(": "x",\n "d/b": "\\\\q"}},\n"b": []}';
  const { problems } = read(text);
  expect(problems.map(({ severity, line, column, where }) => [severity, line, column, where])).toEqual([
    ['error', 1, 2, '__config__'],
    ['error', 1, 25, '__config__ › root'],
    ['error', 4, 9, 'a › d › d/('],
    ['error', 5, 9, 'a › d › d/b'],
    ['error', 6, 6, 'b'],
    ['warning', 2, 1, '__config__ › zzz'],
    ['warning', 3, 1, 'a'],
    ['warning', 5, 2, 'a › d › d/b'],
  ]);
});

test('the example of the documentation has no problems', () => {
  const page = readFileSync(new URL('../../docs/formats/configuration.md', import.meta.url), 'utf8');
  const example = /```json\n(.*?)```/s.exec(page)![1]!;
  expect(read(example).problems).toEqual([]);
});
