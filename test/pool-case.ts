import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../src/dropins/cback3/main.ts';
import { archiveStem } from '../src/pool/collect/archive-names.ts';

/** A recorded case of Cedar Backup: what was there, what was done, and how it ended. */
export interface PoolCase {
  readonly name: string;
  readonly input: readonly Input[];
  readonly steps: readonly Step[];
  readonly fakeTime: string | null;
  readonly runAs?: string;
}

interface Input {
  readonly p: string;
  readonly t?: 'file' | 'dir' | 'link' | 'hard' | 'fifo' | 'mount';
  readonly c?: string;
  /** Of a mount, as mount(8) takes it. */
  readonly size?: number | string;
  readonly mode?: string | number;
  readonly owner?: string;
  readonly to?: string;
  readonly age_days?: number;
}

interface Step {
  readonly argv?: readonly string[];
  readonly sh?: string;
  readonly raw?: number;
  readonly snap?: number;
  readonly fakeTime?: string;
}

interface ExpectedStep {
  readonly argv?: readonly string[];
  readonly exit?: number;
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly tree?: readonly TreeEntry[];
}

interface TreeEntry {
  readonly path: string;
  readonly type: string;
  readonly mode?: string;
  readonly owner: string;
  readonly size?: number;
  readonly sha256?: string;
  readonly to?: string;
  readonly tar?: readonly string[];
  readonly iso?: readonly string[];
  readonly volid?: string;
}

/** How a case ended, in what is an interface: exit statuses, whether anything was said, and what lies on the disk. Texts are each program's own. */
export interface Ending {
  readonly steps: readonly {
    readonly exit: number;
    readonly said: boolean;
    readonly complained: boolean;
    readonly tree?: readonly string[];
  }[];
  readonly tree: readonly string[];
}

const cases = new URL('oracle/pool/cases/', import.meta.url);
/** Who stands for the user of the recordings. */
export interface StandIn {
  readonly name: string;
  readonly group: string;
}

/** Somebody who is on every machine and owns nothing. */
const nobody: StandIn = { name: 'nobody', group: 'nogroup' };
/** Who can log in to this machine. */
export const root: StandIn = { name: 'root', group: 'root' };

/** The names of the recorded cases that begin with one of these letters. */
export function poolCases(letters: string): readonly string[] {
  return readdirSync(cases).filter((name) => letters.includes(name[0]!));
}

/** How the original ended. */
export function recordedEnding(name: string, folder: string, user: StandIn = nobody): Ending {
  const { steps, tree } = readJson(`${name}/expected.json`) as {
    steps: readonly ExpectedStep[];
    tree: readonly TreeEntry[];
  };
  const lines = (entries: readonly TreeEntry[]) =>
    sorted(entries.filter((one) => counts(one.path)).map((one) => lineOf(renamed(one, folder, user))));
  return {
    steps: steps
      .filter((step) => step.argv !== undefined)
      .map((step) => ({
        exit: step.exit!,
        said: speaks(step.stdout),
        complained: speaks(step.stderr),
        ...(step.tree === undefined ? {} : { tree: lines(step.tree) }),
      })),
    tree: lines(tree),
  };
}

/** Does in an empty folder what was recorded, with our `cback3`, and tells how it ended. `shims` is where the programs of the recording lie, and `scp` what stands in the place of its scp. */
export async function ourEnding(
  name: string,
  root: string,
  {
    shims = '/nonexistent',
    user = nobody,
    scp = `${shims}/scplog`,
  }: { readonly shims?: string; readonly user?: StandIn; readonly scp?: string } = {},
): Promise<Ending> {
  const given = readJson(`${name}/case.json`) as PoolCase;
  const before = process.umask(0o022);
  try {
    await import('../src/dropins/cback3/log.ts');
    await import('../src/dropins/cback3/open-run.ts');
    chmodSync(root, 0o755);
    grow(root, given.input, user);
    mkdirSync(join(root, 'log'));
    const expand = (text: string) =>
      text
        .replaceAll('@ROOT@', root)
        .replaceAll('@SHIMS@/scplog', scp)
        .replaceAll('@SHIMS@', shims)
        .replaceAll('cbuser', user.name);
    const config = join(root, 'log/cback3.conf');
    const text = expand(readFileSync(new URL(`${name}/config.xml`, cases), 'utf8'));
    writeFileSync(config, text.replaceAll(`<backup_group>${user.name}<`, `<backup_group>${user.group}<`));
    const steps: Ending['steps'][number][] = [];
    for (const step of given.steps) {
      if (step.sh !== undefined) {
        execFileSync('sh', ['-c', step.sh], { env: { ...process.env, R: root } });
        continue;
      }
      const now = step.fakeTime ?? given.fakeTime;
      const argv = step.raw
        ? step.argv!.map(expand)
        : ['--config', config, '--logfile', join(root, 'log/cback.log'), ...step.argv!.map(expand)];
      const said = await runAs(
        given.runAs === 'root' ? undefined : given.runAs,
        root,
        argv,
        now === null ? new Date() : new Date(now.replace(' ', 'T')),
      );
      steps.push({ ...said, ...(step.snap ? { tree: treeOf(root) } : {}) });
    }
    return { steps, tree: treeOf(root) };
  } finally {
    process.umask(before);
  }
}

async function runAs(user: string | undefined, root: string, argv: readonly string[], now: Date) {
  let out = '';
  let err = '';
  const output = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  if (user !== undefined) {
    // As in the recording: that user may write its log.
    chownSync(join(root, 'log'), 65534, 65534);
    process.setegid!(nobody.group);
    process.seteuid!(nobody.name);
  }
  try {
    const exit = await main(argv, output, { clock: { now: () => now } }).catch((error) => {
      err += String(error.stack);
      return 1;
    });
    return { exit, said: out.trim() !== '', complained: err.trim() !== '' };
  } finally {
    if (user !== undefined) {
      process.seteuid!(0);
      process.setegid!(0);
    }
  }
}

function grow(root: string, input: readonly Input[], user: StandIn): void {
  const uid = Number(execFileSync('id', ['-u', user.name], { encoding: 'utf8' }));
  const gid = Number(execFileSync('id', ['-g', user.name], { encoding: 'utf8' }));
  for (const one of input) {
    const raw = /^b'(.*)'$/s.exec(one.p)?.[1];
    const path =
      raw === undefined ? Buffer.from(join(root, one.p)) : Buffer.concat([Buffer.from(`${root}/`), pythonBytes(raw)]);
    mkdirSync(dirname(path.toString('latin1')), { recursive: true });
    switch (one.t ?? 'file') {
      case 'dir':
        mkdirSync(path, { recursive: true });
        break;
      case 'link':
        symlinkSync(one.to!.replaceAll('@ROOT@', root), path);
        break;
      case 'hard':
        linkSync(join(root, one.to!), path);
        break;
      case 'mount':
        mkdirSync(path, { recursive: true });
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${one.size}`, 'small', path.toString()]);
        onTestFinished(() => void execFileSync('umount', ['-l', path.toString()]));
        break;
      case 'fifo':
        execFileSync('mkfifo', [path.toString()]);
        break;
      default:
        writeFileSync(path, one.size === undefined ? (one.c ?? 'x') : 'x'.repeat(Number(one.size)));
    }
    const isLink = one.t === 'link';
    if (one.owner !== undefined) {
      const mine = one.owner.startsWith('cbuser');
      (isLink ? lchownSync : chownSync)(path, mine ? uid : 0, mine ? gid : 0);
    }
    if (one.mode !== undefined) chmodSync(path, typeof one.mode === 'string' ? Number.parseInt(one.mode, 8) : one.mode);
    if (one.age_days !== undefined && !isLink) {
      const then = new Date(Date.now() - one.age_days * 86_400_000);
      utimesSync(path, then, then);
    }
  }
}

/** Bytes as Python writes them: `\xff`, `\\`, `\n`. */
function pythonBytes(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, sign?: string) =>
      hex === undefined
        ? ({ n: '\n', t: '\t', r: '\r' }[sign!] ?? sign!)
        : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
}

function treeOf(root: string): readonly string[] {
  const entries = pathsBelow(root, '')
    .filter(counts)
    .map((path): TreeEntry => {
      const full = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
      const stats = lstatSync(full);
      const owner = `${nameOfId('passwd', stats.uid)}:${nameOfId('group', stats.gid)}`;
      const shown = Buffer.from(path, 'latin1').toString('utf8');
      if (stats.isSymbolicLink()) return { path: shown, type: 'link', owner, to: readlinkSync(full) };
      const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
      if (stats.isDirectory()) return { path: shown, type: 'dir', mode, owner };
      if (!stats.isFile()) return { path: shown, type: 'fifo', mode, owner };
      if (isArchive(path) && stats.size > 1) {
        const listed = execFileSync('tar', ['-tvf', full.toString()], { encoding: 'utf8' }).split('\n');
        return { path: shown, type: 'file', mode, owner, tar: listed.filter(Boolean).filter(isInBoth) };
      }
      if (path.endsWith('.iso') && stats.size > 0) {
        return { path: shown, type: 'file', mode, owner, ...discFacts(full.toString()) };
      }
      if (stats.size > largest) return { path: shown, type: 'file', mode, owner, size: stats.size };
      if (path.startsWith('log/')) return { path: shown, type: 'file', mode, owner };
      const sha256 = createHash('sha256').update(readFileSync(full)).digest('hex').slice(0, 16);
      return { path: shown, type: 'file', mode, owner, size: stats.size, sha256 };
    });
  return sorted(entries.map(lineOf));
}

/** What was collected, here or at the peer that it was staged from. */
function isArchive(path: string): boolean {
  return /^collect\/.*\.tar(\.gz|\.bz2)?$|-src\.tar$/.test(path);
}

/** What is this large is told by its size alone. */
const largest = 1024 ** 3;

/** What a disc shows, as another program reads it, and its label. */
function discFacts(path: string): Pick<TreeEntry, 'iso' | 'volid'> {
  const listed = execFileSync('bsdtar', ['-tf', path], { encoding: 'utf8' }).split('\n').filter(Boolean);
  const names = listed.map((name) => `/${name.replace(/^\.?\/?|\/$/g, '')}`);
  const descriptor = Buffer.alloc(2048);
  const file = openSync(path, 'r');
  readSync(file, descriptor, 0, 2048, 16 * 2048);
  closeSync(file);
  return { iso: [...new Set(['/', ...names])], volid: descriptor.toString('latin1', 40, 72).trimEnd() };
}

/** Paths, a character for each byte. */
function pathsBelow(root: string, folder: string): readonly string[] {
  return readdirSync(Buffer.from(`${root}/${folder}`, 'latin1'), { encoding: 'latin1', withFileTypes: true }).flatMap(
    (entry) => {
      const path = `${folder}${entry.name}`;
      return entry.isDirectory() ? [path, ...pathsBelow(root, `${path}/`)] : [path];
    },
  );
}

/** Empty directories and links that lead nowhere are never in an archive of the original. */
function isInBoth(line: string): boolean {
  const link = /^l.* (\S+) -> /.exec(line)?.[1];
  return !line.startsWith('d') && (link === undefined || existsSync(`/${link}`));
}

/** What each program remembers lies in the working directory, in formats of its own; the log's folder is that of the recorder. */
function counts(path: string): boolean {
  return path !== 'log' && path !== 'log/cback3.conf' && !/^tmp\/(\.stowage|.*\.sha$)/.test(path);
}

function nameOfId(database: string, id: number): string {
  if (id === 0) return 'root';
  const line = readFileSync(`/etc/${database}`, 'utf8')
    .split('\n')
    .find((one) => one.split(':')[2] === String(id));
  const name = line?.split(':')[0] ?? String(id);
  return name === nobody.name || name === nobody.group ? 'cbuser' : name;
}

/** The recording's own folder was /tmp/cb3: its name is in the names of archives. */
function renamed(entry: TreeEntry, folder: string, user: StandIn): TreeEntry {
  return {
    ...entry,
    // Bytes that are not UTF-8 were written as `\\xff`.
    path: entry.path.replace('tmp-cb3', archiveStem(folder)).replace(/\\x[0-9a-f]{2}/g, '\ufffd'),
    owner: user === root ? entry.owner.replaceAll('cbuser', 'root') : entry.owner,
    ...(entry.iso === undefined ? {} : { iso: entry.iso.map((name) => name.replace('tmp-cb3', archiveStem(folder))) }),
    ...(entry.tar === undefined
      ? {}
      : { tar: entry.tar.map((line) => line.replaceAll('tmp/cb3/', `${folder.slice(1)}/`)) }),
  };
}

function lineOf({ path, type, mode, owner, size, sha256, to, tar, iso, volid }: TreeEntry): string {
  const digest = (size ?? 0) > largest ? undefined : sha256;
  const parts = [path, type, mode, owner, tar === undefined ? [size, digest, to] : membersOf(tar)];
  if (iso !== undefined) parts.push(`'${volid}'`, [...iso].sort());
  return parts
    .flat()
    .filter((part) => part !== undefined)
    .join(' ');
}

/** What is in an archive, whatever the order: of the names of one file none is the first. */
function membersOf(lines: readonly string[]): readonly string[] {
  const parsed = lines.map((line) => {
    const [, type, mode, , size, rest] = /^(.)(\S{9}) (\S+) +([0-9]+) (?:<t>|[0-9-]+ [0-9:]+) (.*)$/s.exec(line) ?? [];
    const [name, hard] = rest!.split(' link to ');
    return { type: type === 'h' ? '-' : type, mode, size: size!, name: name!, hard };
  });
  return sorted(
    parsed.map((one) => {
      const isShared = one.hard !== undefined || parsed.some((other) => other.hard === one.name);
      const bytes = one.hard === undefined ? one.size : parsed.find((other) => other.name === one.hard)?.size;
      return `[${one.type}${one.mode} ${one.name} ${bytes}${isShared ? ' shared' : ''}]`;
    }),
  );
}

function speaks(lines: readonly string[] | undefined): boolean {
  return (lines ?? []).some((line) => line.trim() !== '');
}

function sorted(lines: readonly string[]): readonly string[] {
  return [...lines].sort();
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, cases), 'utf8'));
}
