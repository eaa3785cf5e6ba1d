import { expect, test } from 'vitest';
import { displayUrl, fullPath, joinCgi, parseXrootdUrl } from './url.ts';

test.each([
  ['root://h//a/b', { tls: false, host: 'h', port: 1094, path: '/a/b', cgi: '' }],
  ['root://h/a/b', { tls: false, host: 'h', port: 1094, path: '/a/b', cgi: '' }],
  ['root://h', { tls: false, host: 'h', port: 1094, path: '/', cgi: '' }],
  ['roots://me@h.example:99//a', { tls: true, user: 'me', host: 'h.example', port: 99, path: '/a', cgi: '' }],
  ['xroot://h:1//a b,c@d%20', { tls: false, host: 'h', port: 1, path: '/a b,c@d%20', cgi: '' }],
  ['xroots://[::1]:1//a', { tls: true, host: '::1', port: 1, path: '/a', cgi: '' }],
  [
    'root://h//a?xrd.wantprot=unix&authz=-----BEGIN\nx+/=?&y',
    { tls: false, host: 'h', port: 1094, path: '/a', cgi: 'xrd.wantprot=unix&authz=-----BEGIN\nx+/=?&y' },
  ],
] as const)('%j', (text, expected) => {
  const url = parseXrootdUrl(text);
  expect(url).toEqual(expected);
  expect(fullPath(url)).toBe(expected.cgi === '' ? expected.path : `${expected.path}?${expected.cgi}`);
});

test.each([
  '',
  '/a',
  'http://h//a',
  'root:///a',
  'root://h:0//a',
  'root://h:65536//a',
  'root://h:x//a',
  'root://[x]//a',
  'root://h h//a',
  'root://@//',
])('no URL: %j', (text) => {
  expect(() => parseXrootdUrl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('a URL is told without its secret', () => {
  expect(displayUrl(parseXrootdUrl('roots://h//a?authz=SECRET'))).toBe('roots://h:1094//a');
  expect(() => parseXrootdUrl('nonsense?authz=SECRET')).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('SECRET') }),
  );
});

test('pieces of CGI become one', () => {
  expect(joinCgi('', 'a=b&', '?c=d', '&')).toBe('a=b&c=d');
});
