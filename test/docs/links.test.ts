import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  ...['README.md', 'ARCHITECTURE.md'].filter((name) => existsSync(join(root, name))),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test.each(pages)('every link in %s leads to a file, and to a heading of it', (page) => {
  const broken = linksOf(read(page)).filter((link) => {
    const [path = '', heading] = link.split('#');
    const target = path === '' ? join(root, page) : join(root, dirname(page), decodeURI(path));
    if (!existsSync(target)) return true;
    return heading !== undefined && !headingsOf(target).includes(heading);
  });
  expect(broken).toEqual([]);
});

test.each(pages)('every block of JSON in %s is JSON', (page) => {
  for (const [, block] of read(page).matchAll(/^```json\n(.*?)^```$/gms))
    expect(() => JSON.parse(block!)).not.toThrow();
});

/** The targets of inline links that are no URLs. */
function linksOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)]
    .map((one) => one[1]!)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that a reader on GitHub gives to headings. */
function headingsOf(path: string): readonly string[] {
  return [...withoutCode(readFileSync(path, 'utf8'), /^```.*?^```$/gms).matchAll(/^#+ (.*)$/gm)].map((one) =>
    one[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string, code = /^```.*?^```$|`[^`\n]*`/gms): string {
  return text.replace(code, (found) => (found.startsWith('```') ? '' : 'code'));
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}
