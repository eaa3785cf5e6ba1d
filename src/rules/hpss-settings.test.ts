import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

const read = (hpss: unknown) => {
  const config = { __config__: { root: '/r', hpss_root: '/h', hpss }, data: { __exclude__: [] } };
  const { configuration, problems } = readConfiguration(Buffer.from(JSON.stringify(config)), 'x.json');
  return { hpss: configuration?.hpss, problems: problems.map(({ severity, message }) => `${severity}: ${message}`) };
};

test('every key, under the name that options have', () => {
  const given = {
    site: '',
    authentication: 'keytab',
    gateway: 'g',
    zone: 'Europe/Vienna',
    firewall: true,
    sessions: 15,
    timeout_seconds: 1,
    transfer_timeout_seconds: 2,
    retries: 0,
    retry_wait_seconds: 0,
    down_wait_seconds: 0,
    htar: false,
    htar_members: 5_000_000,
  };
  expect(read(given)).toEqual({
    problems: [],
    hpss: {
      site: '',
      authentication: 'keytab',
      gateway: 'g',
      zone: 'Europe/Vienna',
      firewall: true,
      sessions: 15,
      timeoutSeconds: 1,
      transferTimeoutSeconds: 2,
      retries: 0,
      retryWaitSeconds: 0,
      downWaitSeconds: 0,
      htar: false,
      htarMembers: 5_000_000,
    },
  });
});

test.each([
  [[], "error: 'hpss' must be an object, not a list"],
  [{ sessions: 16 }, "error: 'sessions' must be a whole number from 2 to 15, not 16"],
  [{ sessions: 1 }, "error: 'sessions' must be a whole number from 2 to 15, not 1"],
  [{ sessions: 2.5 }, "error: 'sessions' must be a whole number from 2 to 15, not a number"],
  [{ firewall: 'on' }, "error: 'firewall' must be true or false, not a string"],
  [{ site: 3 }, "error: 'site' must be a string, not 3"],
  [{ sesions: 3 }, "warning: unknown key 'sesions'"],
])('%j', (given, problem) => {
  expect(read(given).problems).toEqual([problem]);
});
