import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import { setAttributes } from '../system/attributes.ts';
import { makeDirectory, move, remove } from '../system/changes.ts';
import { createFile, type Filing, pieces } from '../system/files.ts';
import { attempt, exitOf, exits, HpssError } from '../system/hpss-error.ts';
import { baseName, findIfThere, joined, look, parentOf } from '../system/namespace.ts';
import { nowMs } from '../system/system.ts';
import { spend } from '../system/tape.ts';
import { type Arguments, here, local, readArguments, readMode, UsageError } from './arguments.ts';
import type { Word } from './command-line.ts';
import { algorithmOf, digester } from './digests.ts';
import { chat, complain, complainOf, type Session, transferValve } from './session.ts';
import { type Pair, pairsOf, rate } from './transfers.ts';

/** How files are to be put. */
interface PutOptions {
  readonly given: Arguments;
  /** Only where HPSS has no such file, or an older one. */
  readonly conditional: boolean;
}

/** `put LOCAL : REMOTE …`; overwrites silently. */
export function put(session: Session, words: readonly Word[]): Promise<void> {
  return putAll(session, 'put', words, false);
}

/** `cput` and `save`: put what HPSS has not, or has older. */
export function cput(session: Session, words: readonly Word[]): Promise<void> {
  return putAll(session, 'cput', words, true);
}

/** `mput LOCAL…`: each under its own name into the current directory. */
export async function mput(session: Session, words: readonly Word[]): Promise<void> {
  const given = readArguments(words, 'BdhPpRtu', 'cHMnX');
  for (const { text } of given.words) {
    await putOne(session, { local: text, remote: baseName(text) }, { given, conditional: false });
  }
}

async function putAll(session: Session, command: string, words: readonly Word[], conditional: boolean): Promise<void> {
  const given = readArguments(words, 'BdhPpRtu', 'cHMnX');
  if (given.words.length === 0) throw new UsageError(`${command} local : remote`);
  for (const pair of pairsOf(given.words)) await putOne(session, pair, { given, conditional });
}

async function putOne(session: Session, pair: Pair, options: PutOptions): Promise<void> {
  const { flags } = options.given;
  const path = here(session, pair.remote);
  if (pair.local.startsWith('|')) throw new UsageError('pipes are not carried here');
  if (pair.local === '-') {
    await store(session, '<stdin>', path, session.standardInput, undefined, options);
    return;
  }
  const from = local(session, pair.local);
  let stat: Stats;
  try {
    stat = flags.has('h') ? lstatSync(fsPath(from)) : statSync(fsPath(from));
  } catch (error) {
    const why = (error as Error).message.split(',')[0];
    await complain(session, `*** put: ${why}: local file ${from}`, exits.noInput);
    return;
  }
  try {
    const there = findIfThere(session.system, path);
    const to = there?.type === 'd' && !stat.isDirectory() ? joined(there.path, baseName(from)) : path;
    if (stat.isDirectory()) await putDirectory(session, from, to, options);
    else if (stat.isSymbolicLink()) putLink(session, from, to);
    else if (stat.isFile() && isDue(session, to, stat, options)) await putFile(session, pair.local, to, stat, options);
  } catch (error) {
    await complainOf(session, 'put', error, error instanceof HpssError ? openExit(error) : undefined);
    return;
  }
  if (flags.has('d') && session.status === exits.ok) session.system.disk.removeFile(from);
}

function isDue(session: Session, path: string, stat: Stats, { given, conditional }: PutOptions): boolean {
  const days = Number(given.values.get('n') ?? Number.POSITIVE_INFINITY);
  if (nowMs(session.system) - stat.mtimeMs > days * 86_400_000) return false;
  if (!conditional && !given.flags.has('u')) return true;
  const there = findIfThere(session.system, path);
  return there === undefined || stat.mtimeMs > there.mtimeMs;
}

async function putDirectory(session: Session, from: string, to: string, options: PutOptions): Promise<void> {
  if (!options.given.flags.has('R')) throw new HpssError('EISDIR', from);
  makeDirectory(session.system, to, { parents: true });
  for (const bytes of readdirSync(fsPath(from), { encoding: 'buffer' }).sort(Buffer.compare)) {
    const name = nameFromBytes(bytes);
    await putOne(session, { local: joined(from, name), remote: joined(to, name) }, options);
  }
}

function putLink(session: Session, from: string, to: string): void {
  const { path, local: place, object } = look(session.system, to, false);
  if (object !== undefined) throw new HpssError('EEXIST', to);
  parentOf(session.system, path);
  const target = nameFromBytes(readlinkSync(fsPath(from), { encoding: 'buffer' }));
  attempt(path, () => session.system.disk.makeLink(target, place));
}

async function putFile(session: Session, shown: string, to: string, stat: Stats, options: PutOptions): Promise<void> {
  const stored = options.given.flags.has('t') ? findIfThere(session.system, to)?.bytes : undefined;
  const start = stored !== undefined && stored <= stat.size ? stored : 0;
  await store(session, shown, to, pieces(local(session, shown), start), { stat, start }, options);
}

/** Stores bytes under a path, through whatever fault comes between. */
async function store(
  session: Session,
  shown: string,
  path: string,
  source: Iterable<Uint8Array> | AsyncIterator<Uint8Array>,
  file: { readonly stat: Stats; readonly start: number } | undefined,
  { given: { flags, values } }: PutOptions,
): Promise<void> {
  const { system } = session;
  const mode = values.get('M');
  const checked = values.get('c') === 'on' || values.has('H');
  const sum = checked ? digester(algorithmOf(values.get('H'))) : undefined;
  let filing: Filing;
  try {
    if (flags.has('P')) makeDirectory(system, path.replace(/\/[^/]*$/, '') || '/', { parents: true });
    if (flags.has('B')) keepOld(session, path);
    filing = createFile(system, path, {
      ...(mode === undefined
        ? { mode: file === undefined ? 0o600 : file.stat.mode & 0o777 }
        : { mode: readMode(mode) }),
      ...(session.options.account === undefined ? {} : { account: session.options.account }),
      ...(file === undefined ? {} : { bytes: file.stat.size }),
      ...(file !== undefined && file.start > 0 ? { from: file.start } : {}),
      ...(flags.has('p') && file !== undefined ? { mtimeMs: file.stat.mtimeMs } : {}),
    });
  } catch (error) {
    if (!(error instanceof HpssError)) throw error;
    await complain(session, `***Error ${error.code} on hpss_Open (create) for ${path}`, openExit(error));
    return;
  }
  let bytes = file?.start ?? 0;
  const write = (chunk: Uint8Array) => {
    sum?.update(chunk);
    filing.write(chunk);
  };
  const valve = transferValve(session, write);
  try {
    if (system.settings.firewall && !session.firewall) throw new HpssError('EIO', path);
    for await (const chunk of iterable(source)) {
      bytes += chunk.length;
      write(await valve.pass(chunk));
    }
  } catch (error) {
    filing.abandon();
    if (!(error instanceof HpssError)) throw error;
    await complain(session, `put: Error ${error.code} on transfer`, exitOf(error.symbol));
    return;
  }
  const object = filing.done();
  if (sum !== undefined && object !== undefined) {
    setAttributes(system, object, { hash: { algorithm: algorithmOf(values.get('H')), hex: sum.hex() } });
  }
  spend(system, bytes / system.settings.bytesPerSecond);
  const service = system.settings.classes.find(({ upToBytes }) => bytes <= upToBytes)?.id;
  await chat(session, `put  '${shown}' : '${path}' ( ${bytes} bytes, ${rate(session, bytes)} KBS (cos=${service}))`);
}

function keepOld(session: Session, path: string): void {
  const { object } = look(session.system, path, true);
  if (object === undefined) return;
  const older = look(session.system, `${object.path}~`, false).object;
  if (older !== undefined) remove(session.system, older);
  move(session.system, object, `${object.path}~`);
}

function openExit(error: HpssError): number {
  return error.symbol === 'ENOENT' || error.symbol === 'ENOTDIR' ? exits.cannotCreate : exitOf(error.symbol);
}

async function* iterable(source: Iterable<Uint8Array> | AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (Symbol.iterator in source) yield* source;
  else for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}
