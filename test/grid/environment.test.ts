import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type EnvironmentVariable, environmentVariables } from '../../src/grid/environment.ts';
import { networkSettings } from '../../src/grid/network-settings.ts';
import { type GridUser, gridUser, runAlien } from '../alien.ts';
import type { Ran } from '../stowage.ts';

type Variables = Readonly<Record<string, string>>;
/** Runs a line with variables added to those of the user. */
type Run = (variables: Variables, ...argv: readonly string[]) => Promise<Ran>;
type Seen = (run: Run, user: GridUser) => Promise<void>;

const home = '/localhost/localdomain/user/j/jalien/';
const isJson = { status: 0, out: expect.stringMatching(/^\{\n {2}"metadata": \{/) };
const refusedTwice = { at: 'connect', times: 2, do: { kind: 'refuse', status: 503 } } as const;

function printsJson(name: EnvironmentVariable): Seen {
  return async (run) => {
    expect(await run({ [name]: '1' }, 'pwd')).toMatchObject(isJson);
    expect(await run({ [name]: '0' }, 'pwd')).toMatchObject({ out: `${home}\n` });
  };
}

/** What is accepted for the sake of those who have it set. */
function doesNothing(name: EnvironmentVariable): Seen {
  return async (run) => {
    expect(environmentVariables[name]).toContain('does nothing here');
    expect(await run({ [name]: '1' }, 'pwd; ls nothere')).toEqual(await run({}, 'pwd; ls nothere'));
  };
}

/** For each variable how its effect is seen: here, or in the file that tests it. */
const effects: Readonly<Record<EnvironmentVariable, Seen | string>> = {
  async ALIENPY_JCENTRAL(run) {
    const { status, err } = await run({ ALIENPY_JCENTRAL: '127.0.0.2', ALIENPY_CONNECT_TRIES: '1' }, 'pwd');
    expect({ status, err }).toMatchObject({ status: 107, err: expect.stringContaining('127.0.0.2') });
  },
  async ALIENPY_JCENTRAL_PORT(run) {
    const { status, err } = await run({ ALIENPY_JCENTRAL_PORT: '1', ALIENPY_CONNECT_TRIES: '1' }, 'pwd');
    expect({ status, err }).toMatchObject({ status: 107, err: expect.stringContaining('localhost:1') });
  },
  JALIEN_HOST: 'src/grid/connection/trust.test.ts',
  JALIEN_WSPORT: 'src/grid/connection/trust.test.ts',
  async ALIENPY_NETWORKSTACK(run) {
    // The server has an address of the other kind only.
    const only = { ALIENPY_CONNECT_TRIES: '1', ALIENPY_JCENTRAL: 'localhost' };
    expect((await run({ ...only, ALIENPY_NETWORKSTACK: 'ipv6' }, 'pwd')).status).toBe(107);
    expect((await run({ ...only, ALIENPY_NETWORKSTACK: 'v4' }, 'pwd')).status).toBe(0);
  },
  async ALIENPY_NO_STAGGER(run) {
    const { addressMs } = networkSettings({ ALIENPY_NO_STAGGER: '1' });
    expect(addressMs).toBe(10 * networkSettings({}).addressMs);
    expect((await run({ ALIENPY_NO_STAGGER: '1' }, 'pwd')).status).toBe(0);
  },
  async ALIENPY_CONNECT_TRIES(run, { central }) {
    central.setFaults([refusedTwice]);
    expect((await run({ ALIENPY_CONNECT_TRIES: '2' }, 'pwd')).status).toBe(107);
    central.setFaults([refusedTwice]);
    expect((await run({ ALIENPY_CONNECT_TRIES: '3' }, 'pwd')).status).toBe(0);
  },
  async ALIENPY_CONNECT_TRIES_INTERVAL(run, { central }) {
    central.setFaults([refusedTwice]);
    const started = performance.now();
    expect((await run({ ALIENPY_CONNECT_TRIES_INTERVAL: '0.4' }, 'pwd')).status).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(790);
  },
  ALIENPY_TIMEOUT: 'test/grid/reconnect.test.ts',
  async ALIEN_SITE(run, { central }) {
    await run({ ALIEN_SITE: 'GSI' }, 'pwd');
    expect(central.requests.find(({ command }) => command === 'setSite')?.options).toEqual(['GSI']);
  },
  X509_USER_CERT: 'src/grid/credentials/credential.test.ts',
  X509_USER_KEY: 'src/grid/credentials/credential.test.ts',
  JALIEN_TOKEN_CERT: 'src/grid/credentials/credential.test.ts',
  JALIEN_TOKEN_KEY: 'src/grid/credentials/credential.test.ts',
  X509_CERT_DIR: 'src/grid/credentials/credential.test.ts',
  X509_CERT_FILE: 'src/grid/credentials/credential.test.ts',
  ALIENPY_USE_LOCAL_CAS: 'src/grid/credentials/credential.test.ts',
  async TMPDIR(run, { temporary }) {
    await run({}, 'pwd');
    expect(existsSync(`${temporary}/tokencert_${process.getuid!()}.pem`)).toBe(true);
  },
  ALIENPY_JSON: printsJson('ALIENPY_JSON'),
  ALIENPY_JSON_OUT_GLOBAL: printsJson('ALIENPY_JSON_OUT_GLOBAL'),
  ALIENPY_JSON_OUT: printsJson('ALIENPY_JSON_OUT'),
  ALIENPY_JSONRAW: 'src/dropins/alien/main.test.ts',
  ALIENPY_FANCY_PRINT: doesNothing('ALIENPY_FANCY_PRINT'),
  async ALIENPY_DEBUG(run, { home: folder, central }) {
    await run({ ALIENPY_DEBUG: '1' }, 'pwd');
    expect(readFileSync(`${folder}/alien_py.log`, 'utf8')).toMatch(/ > \{"command":"pwd"/);
    expect(central.requests.at(-1)).toMatchObject({ command: 'pwd', options: [] });
    await run({}, 'pwd');
    expect(central.requests.at(-1)).toMatchObject({ command: 'pwd', options: ['-nokeys'] });
  },
  async ALIENPY_DEBUG_FILE(run, { home: folder }) {
    await run({ ALIENPY_DEBUG: '1', ALIENPY_DEBUG_FILE: `${folder}/other.log` }, 'pwd');
    expect(readFileSync(`${folder}/other.log`, 'utf8')).toContain('"command":"pwd"');
    expect(existsSync(`${folder}/alien_py.log`)).toBe(false);
  },
  async ALIENPY_DEBUG_APPEND(run, { home: folder }) {
    for (const append of ['1', '0', '1']) await run({ ALIENPY_DEBUG: '1', ALIENPY_DEBUG_APPEND: append }, 'whoami');
    expect(readFileSync(`${folder}/alien_py.log`, 'utf8').match(/"command":"whoami"/g)).toHaveLength(3);
  },
  ALIENPY_DEBUG_CONCURRENT: doesNothing('ALIENPY_DEBUG_CONCURRENT'),
  ALIENPY_DEBUG_ASYNCIO: doesNothing('ALIENPY_DEBUG_ASYNCIO'),
  ALIENPY_DEBUG_STAGGER: doesNothing('ALIENPY_DEBUG_STAGGER'),
  async ALIENPY_TIMECONNECT(run, { central }) {
    const told = new RegExp(`^>>> connected to localhost:${central.port} in \\d+\\.\\d{3} s$`, 'm');
    expect((await run({ ALIENPY_TIMECONNECT: '1' }, 'pwd')).err).toMatch(told);
    expect((await run({}, 'pwd')).err).toBe('');
  },
  async ALIENPY_TIMING(run) {
    expect((await run({ ALIENPY_TIMING: '1' }, 'pwd; home')).err).toMatch(/^(>>> \d+\.\d{3} s\n){2}$/);
  },
  ALIENPY_PROMPT_DATE: 'test/grid/shell.test.ts',
  ALIENPY_PROMPT_CWD: 'test/grid/shell.test.ts',
  ALIENPY_NO_CWD_RESTORE: 'test/grid/shell.test.ts',
  ALIENPY_NO_HISTORY: 'test/grid/shell.test.ts',
  ALIENPY_ALLOW_UNKNOWN_CMDS: 'src/dropins/alien/main.test.ts',
  EDITOR: 'src/dropins/alien/commands/editing.test.ts',
  ALIENPY_KEEP_META: 'src/dropins/alien/copy/xrd-variables.test.ts',
  ALIENPY_NOXRDZIP: 'src/dropins/alien/copy/xrd-variables.test.ts',
  XRD_LOGLEVEL: 'src/dropins/alien/copy/xrd-variables.test.ts',
  XRD_LOGFILE: 'src/dropins/alien/copy/xrd-variables.test.ts',
  async ALIEN_PROC_ID(run, { central }) {
    await run({ ALIEN_PROC_ID: '17' }, 'pwd');
    expect(central.agents.at(-1)).toMatch(/ jobid\/17$/);
  },
  async ALIEN_MASTERJOB_ID(run, { central }) {
    await run({ ALIEN_MASTERJOB_ID: '18' }, 'pwd');
    expect(central.agents.at(-1)).toMatch(/ masterjobid\/18$/);
  },
  ALIBUILD: doesNothing('ALIBUILD'),
};

/** The list as plain data, so that one that is added to the table is missed here though nothing checks types. */
const names = Object.keys(environmentVariables) as readonly EnvironmentVariable[];
const textOf = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

describe('the effect of each variable is seen', () => {
  test.each(names)('%s', async (name) => {
    const seen = effects[name];
    if (typeof seen !== 'string') {
      const user = await gridUser();
      await seen((variables, ...argv) => runAlien({ ...user.env, ...variables }, 'alien.py', argv), user);
    } else expect(textOf(seen)).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
