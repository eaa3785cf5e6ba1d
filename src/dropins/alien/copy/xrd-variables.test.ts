import { expect, test } from 'vitest';
import { xrdSettings, xrdVariables } from './xrd-variables.ts';

/** Each variable, a value, and what it comes to. */
const meanings = {
  XRD_REQUESTTIMEOUT: ['30', { limits: { requestMs: 30_000 } }],
  XRD_STREAMTIMEOUT: ['5', { limits: { silenceMs: 5000 } }],
  XRD_CONNECTIONWINDOW: ['7', { limits: { connectMs: 7000 } }],
  XRD_CONNECTIONRETRY: ['0', { limits: { retries: 0 } }],
  XRD_CPINITTIMEOUT: ['90', { limits: { waitMs: 90_000 } }],
  XRD_REDIRECTLIMIT: ['2', { limits: { redirects: 2 } }],
  XRD_CPRETRY: ['5', { options: { retries: 5 } }],
  XRD_CPTIMEOUT: ['60', { options: { timeoutSeconds: 60 } }],
  XRD_XRATETHRESHOLD: ['1000', { options: { bytesPerSecondAtLeast: 1000 } }],
  XRD_SUBSTREAMSPERCHANNEL: ['4', { options: { streams: 4 } }],
  XRD_CPPARALLELCHUNKS: ['8', { options: { chunks: 8 } }],
  XRD_CPCHUNKSIZE: ['1048576', { options: { chunkBytes: 1 << 20 } }],
  ALIENPY_NOXRDZIP: ['1', { options: { unpackHere: true } }],
} as const;

const initial = { requestMs: 1_200_000, silenceMs: 60_000, connectMs: 10_000, retries: 3 };

test('without any, it is as patient as the original', () => {
  expect(xrdSettings({})).toEqual({ limits: initial, options: {}, told: [] });
});

test.each(Object.keys(xrdVariables))('%s', (name) => {
  const [value, { limits, options }] = meanings[name as keyof typeof meanings] as readonly [
    string,
    { limits?: object; options?: object },
  ];
  expect(xrdSettings({ [name]: value })).toEqual({
    limits: { ...initial, ...limits },
    options: options ?? {},
    told: [],
  });
});

test.each([
  ['XRD_CPTIMEOUT', '0', ''],
  ['ALIENPY_NOXRDZIP', 'no', ''],
  ['XRD_CPPARALLELCHUNKS', '', ''],
  ['XRD_REQUESTTIMEOUT', 'long', "XRD_REQUESTTIMEOUT counts as not set: 'long' is not a whole number, 1 to 86400"],
  ['XRD_CPCHUNKSIZE', '1', 'XRD_CPCHUNKSIZE counts as not set'],
  ['XRD_PARALLELEVTLOOP', '3', 'XRD_PARALLELEVTLOOP changes nothing here'],
  ['XRD_ZIPMTLNCKSUM', '0', 'XRD_ZIPMTLNCKSUM changes nothing here: members of archives are always checked'],
  ['XRD_ZIPMTLNCKSUM', '1', ''],
  ['XRD_LOGLEVEL', 'Debug', 'XRD_LOGLEVEL changes nothing here: `alien.py -debug` writes a log'],
  ['XRD_LOGFILE', '/x.log', 'XRD_LOGFILE changes nothing here: `alien.py -debug` writes a log'],
  ['ALIENPY_KEEP_META', '1', 'ALIENPY_KEEP_META changes nothing here: there is no metalink file'],
  ['ALIENPY_KEEP_META', 'no', ''],
])('%s=%s', (name, value, told) => {
  expect(xrdSettings({ [name]: value })).toMatchObject({ limits: initial, options: {} });
  expect(xrdSettings({ [name]: value }).told.join()).toContain(told);
  expect(xrdSettings({ [name]: value }).told).toHaveLength(told === '' ? 0 : 1);
});
