import { expect, test } from 'vitest';
import { ownText } from './own-text.ts';

test.each(['', 'a', 'plain/path.fits', 'ünïcode/…/名', '\udc80\udcff', 'a\udc80b', '\ud83d\ude00', '\0'])(
  '%j stays what it is',
  (text) => {
    expect(ownText(`(${text})`.slice(1, -1))).toBe(text);
  },
);
