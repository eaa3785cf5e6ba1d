import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import {
  chmod,
  HpssFile,
  type HpssOptions,
  HpssOSError,
  type HtarEntry,
  isdir,
  isfile,
  islink,
  listdir,
  lstat,
  makedirs,
  mkdir,
  stat,
  walk,
} from '../../src/hpss-entry.ts';
import { listedDifferences } from './differences.ts';
import { type MockRule, recordedHpss } from './recorded-hpss.ts';

const folder = new URL('hpss/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.startsWith('hpssos-') || name.startsWith('hpssfile-'));
const listed = listedDifferences();

type Fields = ConstructorParameters<typeof HpssFile>[0];

interface Call {
  readonly fn?: string;
  readonly path?: string;
  readonly argv?: readonly [string, (string | number)?];
  readonly file?: Fields;
  readonly ishtar?: boolean;
  readonly topdown?: boolean;
  readonly followlinks?: boolean;
}

interface Case {
  readonly kind: string;
  readonly args: { readonly calls?: readonly Call[]; readonly items?: readonly Call[] };
  readonly mock?: readonly MockRule[];
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBeGreaterThan(13);
  for (const name of listed.keys()) if (/^hpss(os|file)-/.test(name)) expect(names).toContain(name);
});

test.each(names)('%s', async (name) => {
  const load = (file: string) => JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8'));
  const { kind, args, mock = [] } = load('case.json') as Case;
  const { results: expected } = load('expected.json') as { results: readonly object[] };
  const { folder: hpssDir, tmpdir } = await recordedHpss(mock);
  const options: HpssOptions = { hpssDir, tmpdir, retries: 0 };
  const seen: unknown[] = [];
  for (const call of args.calls ?? args.items ?? []) {
    const result =
      kind === 'hpssfile' ? await attributes(new HpssFile(call.file!, options)) : await called(call, options);
    seen.push(JSON.parse(JSON.stringify(result)));
  }
  const agrees = agree(seen, expected);
  const why = listed.has(name) ? `listed as differing: ${listed.get(name)}` : 'not in docs/differences.md';
  if (agrees === listed.has(name)) expect(seen, why).toEqual(listed.has(name) ? 'something else' : expected);
});

/** What a call comes to, in the form of the recordings. */
async function called(call: Call, options: HpssOptions): Promise<object> {
  try {
    return { value: await value(call, options) };
  } catch (error) {
    return raised(error);
  }
}

async function value({ fn, path = '', argv, file, ...rest }: Call, options: HpssOptions): Promise<unknown> {
  const [first = '', second] = argv ?? [];
  const mode = second === undefined ? {} : { mode: second };
  const looks = { isdir, isfile, islink } as const;
  const stats = { stat, lstat } as const;
  const makers = { mkdir, makedirs } as const;
  switch (fn) {
    case 'listdir':
      return Promise.all((await listdir(path, options)).map(attributes));
    case 'stat':
    case 'lstat':
      return attributes(await stats[fn](path, options));
    case 'isdir':
    case 'isfile':
    case 'islink':
      return looks[fn](path, options);
    case 'chmod':
      return (await chmod(first, second!, options)) ?? null;
    case 'mkdir':
    case 'makedirs':
      return (await makers[fn](first, { ...options, ...mode })) ?? null;
    case 'htar_contents': {
      const one = new HpssFile(file!, options);
      one.ishtar = rest.ishtar ?? true;
      return (await one.htarContents())?.map(asTuple) ?? null;
    }
    default: {
      const all: unknown[] = [];
      for await (const one of walk(path, { ...options, ...rest }))
        all.push([one.path, one.directories.map((file) => file.name), one.files.map((file) => file.name)]);
      return all;
    }
  }
}

function asTuple(entry: HtarEntry): readonly string[] {
  const two = (number: number) => String(number).padStart(2, '0');
  const { type, permission, deleted, owner, group, bytes, year, month, day, clock, name } = entry;
  const user = deleted ? `D ${owner}` : owner;
  return [type, permission, user, group, `${bytes}`, `${year}`, two(month), two(day), clock, name];
}

async function attributes(file: HpssFile): Promise<object> {
  const attempt = async (get: () => unknown) => {
    try {
      return await get();
    } catch (error) {
      return raised(error);
    }
  };
  const python = (field: string | number) => (typeof field === 'number' ? field : `'${field}'`);
  const fields = [file.hpssPath, file.rawType, file.rawPermission, file.stNlink, file.stUid, file.stGid, file.stSize];
  const when = [file.rawDow, file.rawMonth, file.rawDay, file.rawHms, file.rawYear, file.rawName];
  return {
    repr: `HpssFile(${[...fields, ...when].map(python).join(', ')})`,
    hpss_path: file.hpssPath,
    raw_type: file.rawType,
    st_nlink: file.stNlink,
    st_uid: file.stUid,
    st_gid: file.stGid,
    st_size: file.stSize,
    name: file.name,
    path: file.path,
    islink: file.islink,
    ishtar: file.ishtar,
    st_mode: await attempt(() => file.stMode),
    st_mtime: await attempt(() => file.stMtime),
    readlink: await attempt(() => file.readlink),
    isdir: await attempt(() => file.isdir()),
  };
}

function raised(error: unknown): object {
  const text =
    error instanceof HpssOSError && error.text.startsWith('*') ? error.text : String((error as Error).message);
  return { raises: { type: `hpsspy.${(error as Error).constructor.name}`, text } };
}

/** An error of Python itself is compared as an error: its words are Python's. */
function agree(seen: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(seen, expected);
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(expected)) return false;
  if ('raises' in expected && (expected.raises as { type: string }).type !== 'hpsspy.HpssOSError')
    return 'raises' in seen;
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(seen).length &&
    keys.every((key) => key in seen && agree(seen[key as keyof typeof seen], expected[key as keyof typeof expected]))
  );
}
