import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plant, type Ran, stowage, stowageJson } from '../stowage.ts';

/**
 * `tape` and `disc` keep one tree in two stores, each in a folder of its own; `near` and `far` share a folder, and so a state folder, with sections of their own. All have a file `a.fits`. `never`
 * archived nothing, `again` is `tape` under another name, `bad` is no configuration, `torn` has a record that cannot be read, `moved` one of another store.
 */
const configs: Record<string, string> = {};
let folder: string;

function configure(at: string, name: string, sections: readonly string[], store: string): void {
  const rules = { __exclude__: [], __top__: { '[^/]+\\.fits$': 'top.tar' } };
  const given = { root: join(folder, 'tree'), store: `dir:${join(folder, store)}` };
  plant(folder, {
    [`${store}/`]: '',
    [at]: JSON.stringify({ __config__: given, ...Object.fromEntries(sections.map((one) => [one, rules])) }),
  });
  configs[name] = join(folder, at);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-test-'));
  plant(folder, {
    'tree/data/a.fits': 'a',
    "tree/data/-b it's.fits": 'b',
    'tree/near/a.fits': 'near',
    'tree/far/a.fits': 'far, far',
    'tree/torn/a.fits': 'torn',
  });
  configure('tape/survey.json', 'tape', ['data'], 'vault/tape');
  configure('tape/again.json', 'again', ['data'], 'vault/tape');
  configure('disc/survey.json', 'disc', ['data'], 'vault/disc');
  configure('both/near.json', 'near', ['near'], 'vault/near');
  configure('both/far.json', 'far', ['far'], 'vault/far');
  configure('torn/survey.json', 'torn', ['torn', 'data'], 'vault/torn');
  configure('moved/survey.json', 'moved', ['near'], 'vault/moved');
  configure('never/survey.json', 'never', ['data'], 'vault/never');
  for (const [name, section] of [
    ...['tape', 'disc', 'torn'].map((one) => [one, 'data'] as const),
    ...['near', 'far', 'torn'].map((one) => [one, one] as const),
    ['moved', 'near'] as const,
  ])
    expect((await stowage('archive', configs[name]!, section)).status).toBe(0);
  const journals = join(folder, 'torn/.stowage/journal/torn');
  const journal = join(journals, readdirSync(journals)[0]!);
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('"root"', '"rout"'));
  configure('moved/survey.json', 'moved', ['near'], 'vault/elsewhere');
  plant(folder, { 'bad.json': '{' });
  configs.bad = join(folder, 'bad.json');
  configs.gone = join(folder, 'gone.json');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command line in which `@name` stands for a configuration. */
function line(argv: readonly string[]): readonly string[] {
  return argv.map((word) => word.replace(/@(\w+)/, (_, name: string) => configs[name]!));
}

/** By configuration, the sections that answered. */
function answers(events: readonly { readonly event: string; readonly [field: string]: unknown }[], kind: string) {
  const nameOf = (path: unknown) => Object.keys(configs).find((one) => configs[one] === path);
  return events.filter(({ event }) => event === kind).map((one) => `${nameOf(one.configuration)} ${one.section}`);
}

describe('find', () => {
  test.each<[string, readonly string[], number, readonly string[], readonly string[]]>([
    ['one', ['@tape', 'a.fits'], 0, ['tape data'], []],
    ['two stores', ['@tape', 'a.fits', '--also', '@disc'], 0, ['tape data', 'disc data'], []],
    ['in the order of the command line', ['@disc', 'a.fits', '--also', '@tape'], 0, ['disc data', 'tape data'], []],
    [
      'as often as one likes',
      ['@tape', 'a.fits', '--also', '@near', '--also', '@disc', '@far'],
      0,
      ['tape data', 'near near', 'disc data', 'far far'],
      [],
    ],
    ['before the pattern', ['--also=@disc', '@tape', 'a.fits'], 0, ['tape data', 'disc data'], []],
    ['one record once', ['@tape', 'a.fits', '--also', '@tape', '@again'], 0, ['tape data'], []],
    ['two of one folder', ['@near', 'a.fits', '--also', '@far'], 0, ['near near', 'far far'], []],
    ['one of two in a folder', ['@near', 'a.fits'], 0, ['near near'], ['other-record far']],
    ['no more than so many', ['@tape', 'a.fits', '--also', '@disc', '--limit', '1'], 0, ['tape data'], []],
    ['a section that not all have', ['@near', '--section', 'data', 'a.fits', '--also', '@disc'], 0, ['disc data'], []],
    ['what is in none', ['@tape', 'nothing', '--also', '@disc'], 1, [], []],
    ['one that recorded nothing', ['@tape', 'a.fits', '--also', '@never'], 0, ['tape data'], ['no-record never']],
    ['a file that is none', ['@tape', 'a.fits', '--also', '@bad', '@disc'], 3, ['tape data', 'disc data'], ['bad']],
    ['the first that is none', ['@gone', 'a.fits', '--also', '@disc'], 3, ['disc data'], ['gone']],
    ['a damaged record', ['@torn', 'a.fits', '--also', '@tape'], 4, ['torn data', 'tape data'], ['torn: torn']],
    ['a damaged record alone', ['@torn', 'a.fits'], 4, ['torn data'], ['torn: torn']],
    ['a record of another store', ['@moved', 'a.fits', '--also', '@tape'], 3, ['tape data'], ['moved: near']],
  ])('%s', async (_, argv, status, found, told) => {
    const ran = await stowageJson('find', ...line(argv));
    expect([ran.status, answers(ran.events, 'found')]).toEqual([status, found]);
    expect(troubles(ran.events)).toEqual(told);
  });

  test('every answer says whose it is, with the command that brings it back', async () => {
    const { out } = await stowage('find', configs.tape!, '-v', "b it's", '--also', configs.disc!);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBe(4);
    for (const [at, name] of ['tape', 'disc'].entries()) {
      expect(lines[at * 2]).toContain(`on dir:${join(folder, 'vault', name)} by ${configs[name]}`);
      const target = join(folder, 'back', name);
      const words = shellWords(lines[at * 2 + 1]!);
      expect(words.slice(0, 2)).toEqual(['stowage', 'restore']);
      expect(await stowage(...words.slice(1, 2), '--to', target, ...words.slice(2))).toMatchObject({ status: 0 });
      expect(readdirSync(target)).toEqual(["-b it's.fits"]);
    }
  });

  test('a record elsewhere is named for the configuration that has it there', async () => {
    const state = join(folder, 'elsewhere');
    expect((await stowage('archive', configs.never!, 'data', '--state', state)).status).toBe(0);
    const { events } = await stowageJson('find', configs.never!, 'a.fits', '--state', state, '--also', configs.tape!);
    expect(events.filter(({ event }) => event === 'found')).toMatchObject([
      { configuration: configs.never, state },
      { configuration: configs.tape, section: 'data', store: `dir:${join(folder, 'vault/tape')}` },
    ]);
    const { out } = await stowage('find', configs.never!, 'a.fits', '--state', state, '-v');
    expect(shellWords(out.trimEnd().split('\n')[1]!)).toContain(state);
    rmSync(join(folder, 'vault/never'), { recursive: true });
  });

  test('a section that is no longer configured is found, and its restore not promised', async () => {
    const was = readFileSync(configs.near!, 'utf8');
    configure('both/near.json', 'near', ['other'], 'vault/near');
    const { status, out } = await stowage('find', configs.near!, 'a.fits', '-v', '-q', '--also', configs.far!);
    writeFileSync(configs.near!, was);
    expect(status).toBe(0);
    expect(out).toContain(`# section 'near' is not in ${configs.near}`);
    expect(out).toContain(`restore --archive far/top.tar ${configs.far} far a.fits`);
    expect(await stowage('find', configs.near!, 'a.fits', '-q')).toMatchObject({ status: 0, err: '' });
  });

  test('where something could not be looked at, nothing found is not said to be nothing', async () => {
    const ran: Ran = await stowage('find', configs.tape!, 'nothing', '--also', configs.bad!);
    expect([ran.status, ran.out]).toEqual([3, '']);
    expect(ran.err).toContain('no recorded file fits, where it could be looked');
    expect(ran.err).toContain(`failed  ${configs.bad}`);
  });

  test('a pattern behind --also is no pattern, and told', async () => {
    const { status, err } = await stowage('find', configs.tape!, '--also', configs.disc!, '*.fits');
    expect(status).toBe(3);
    expect(err).toContain("cannot read the configuration '*.fits'");
    expect(err).toContain('nothing says what to find');
    const { status: second, err: told } = await stowage('find', configs.tape!, '--size', '1', '--also', '*.fits');
    expect(second).toBe(3);
    expect(told).toContain("cannot read the configuration '*.fits'");
  });
});

test.each<[string, readonly string[], number, readonly string[], readonly string[]]>([
  ['two stores', ['@tape', '--also', '@disc'], 0, ['tape data', 'disc data'], []],
  ['two of one folder', ['@far', '--also', '@near'], 0, ['far far', 'near near'], []],
  ['one of two in a folder', ['@near'], 0, ['near near'], ['other-record far']],
  ['one section', ['@near', 'data', '--also', '@disc'], 0, ['disc data'], []],
  ['a damaged record', ['@torn', '--also', '@bad', '@tape'], 3, ['torn data', 'tape data'], ['bad', 'torn: torn']],
])('status of %s', async (_, argv, status, found, told) => {
  const ran = await stowageJson('status', ...line(argv));
  expect(answers(ran.events, 'status')).toEqual(found);
  expect(troubles(ran.events)).toEqual(told);
  expect(ran.status).toBe(status);
});

/** What was told beside the answers, with names in place of paths. */
function troubles(events: readonly { readonly event: string; readonly [field: string]: unknown }[]): readonly string[] {
  const short = (path: unknown) =>
    Object.entries(configs).reduce((text, [name, config]) => text.replace(config, name), String(path));
  return events.flatMap((one) => {
    if (one.event === 'failed') return [short(one.what)];
    if (one.event === 'no-record') return [`no-record ${short(one.configuration)}`];
    return one.event === 'other-record' ? [`other-record ${one.section}`] : [];
  });
}

/** What a shell makes of a line. */
function shellWords(text: string): readonly string[] {
  const out = execFileSync('bash', ['-c', `for word in ${text}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  });
  return out.split('\0').slice(0, -1);
}
