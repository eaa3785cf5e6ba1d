import { statSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import { attributesOf, type HeldObject } from '../system/attributes.ts';
import { ensureDirectory } from '../system/disk.ts';
import { readHeld } from '../system/files.ts';
import { exits, HpssError } from '../system/hpss-error.ts';
import { baseName, entriesOf, find, joined } from '../system/namespace.ts';
import { purge, spend } from '../system/tape.ts';
import { type Arguments, expanded, here, isAbsent, local, readArguments, UsageError } from './arguments.ts';
import type { Word } from './command-line.ts';
import { digester } from './digests.ts';
import { chat, complain, complainOf, type Session, transferValve } from './session.ts';
import { type Pair, pairsOf, rate } from './transfers.ts';

const letters = 'ANCSpRuP';

/** `get LOCAL : REMOTE …`; overwrites silently. */
export function get(session: Session, words: readonly Word[]): Promise<void> {
  return getAll(session, 'get', words, false);
}

/** `cget`: get only what is not there. */
export function cget(session: Session, words: readonly Word[]): Promise<void> {
  return getAll(session, 'cget', words, true);
}

/** `mget REMOTE…`: each under its own name into the local directory. */
export async function mget(session: Session, words: readonly Word[]): Promise<void> {
  const given = readArguments(words, letters, 'cFTX');
  for (const remote of await expanded(session, 'mget', given.words)) {
    await getOne(session, { local: baseName(remote), remote }, given, false);
  }
}

async function getAll(session: Session, command: string, words: readonly Word[], onlyAbsent: boolean): Promise<void> {
  const given = readArguments(words, letters, 'cFTX');
  if (given.words.length === 0) throw new UsageError(`${command} local : remote`);
  for (const pair of pairsOf(given.words)) await getOne(session, pair, given, onlyAbsent);
}

async function getOne(session: Session, pair: Pair, given: Arguments, onlyAbsent: boolean): Promise<void> {
  if (pair.local.startsWith('|')) throw new UsageError('pipes are not carried here');
  try {
    const object = find(session.system, here(session, pair.remote));
    if (pair.local === '-') {
      await fetch(session, '<stdout>', object, given, (chunk) => session.world.standardOutput.write(chunk));
      return;
    }
    const named = local(session, pair.local);
    const there = statSync(fsPath(named), { throwIfNoEntry: false });
    const to = there?.isDirectory() === true && object.type !== 'd' ? joined(named, baseName(pair.remote)) : named;
    if (object.type === 'd') await getDirectory(session, to, object, given, onlyAbsent);
    else await getFile(session, pair.local, to, object, given, onlyAbsent);
  } catch (error) {
    const absent = error instanceof HpssError && isAbsent(error);
    await complainOf(session, 'get', error, absent ? exits.fileMissing : undefined);
  }
}

async function getDirectory(
  session: Session,
  to: string,
  object: HeldObject,
  given: Arguments,
  onlyAbsent: boolean,
): Promise<void> {
  if (!given.flags.has('R')) throw new HpssError('EISDIR', object.path);
  ensureDirectory(to);
  for (const [name, inner] of entriesOf(session.system, object)) {
    await getOne(session, { local: joined(to, name), remote: inner.path }, given, onlyAbsent);
  }
}

async function getFile(
  session: Session,
  shown: string,
  to: string,
  object: HeldObject,
  given: Arguments,
  onlyAbsent: boolean,
): Promise<void> {
  const { disk } = session.system;
  const there = statSync(fsPath(to), { throwIfNoEntry: false });
  if (there !== undefined && onlyAbsent) return;
  if (there !== undefined && given.flags.has('u') && there.mtimeMs >= object.mtimeMs) return;
  let descriptor: number;
  try {
    descriptor = disk.create(to);
  } catch (error) {
    const why = (error as Error).message.split(',')[0];
    await complain(session, `*** get: ${why}: local file ${to}`, exits.cannotCreate);
    return;
  }
  try {
    await fetch(session, shown, object, given, async (chunk) => disk.write(descriptor, chunk));
  } finally {
    disk.close(descriptor);
  }
  if (given.flags.has('p') && disk.isReal) disk.setTimes(to, object.mtimeMs);
}

async function fetch(
  session: Session,
  shown: string,
  object: HeldObject,
  { flags, values }: Arguments,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const { system } = session;
  if (system.settings.firewall && !session.firewall) {
    await complain(session, 'get: Error -5 on transfer', exits.io);
    return;
  }
  const { hash } = attributesOf(system, object);
  const sum = values.get('c') === 'on' && hash !== undefined ? digester(hash.algorithm) : undefined;
  const valve = transferValve(session, write);
  for (const chunk of readHeld(system, object, { direct: flags.has('S') })) {
    sum?.update(chunk);
    const through = await valve.pass(chunk);
    if (through.length > 0 && system.disk.isReal) await write(through);
  }
  if (flags.has('C')) purge(system, find(system, object.path));
  spend(system, object.bytes / system.settings.bytesPerSecond);
  if (sum !== undefined && sum.hex() !== hash!.hex) {
    await complain(session, `*** get: checksum mismatch for ${object.path}`, exits.data);
    return;
  }
  const when = session.times.slashed(object.mtimeMs);
  const speed = rate(session, object.bytes);
  await chat(session, `get  '${shown}' : '${object.path}' (${when} ${object.bytes} bytes, ${speed} KBS )`);
}
