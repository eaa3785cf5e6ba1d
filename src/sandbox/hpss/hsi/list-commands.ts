import type { HeldObject } from '../system/attributes.ts';
import { usedBytes } from '../system/changes.ts';
import { HpssError } from '../system/hpss-error.ts';
import { baseName, entriesOf, find, joined, look } from '../system/namespace.ts';
import { forEachPath, here, readArguments, UsageError } from './arguments.ts';
import { listedPath, type Word } from './command-line.ts';
import { type ListingForm, listingLine } from './listing-lines.ts';
import { complainOf, type Session, say } from './session.ts';
import { matchesName } from './wildcard.ts';

/** `ls`, in all its forms. */
export async function ls(session: Session, words: readonly Word[]): Promise<void> {
  const { flags, words: paths } = readArguments(words, 'adlDU1PRtrT');
  const form: ListingForm = {
    long: ['l', 'D', 'U', 'T'].some((letter) => flags.has(letter)),
    fullDate: flags.has('D'),
    service: flags.has('U'),
    position: flags.has('P'),
    accessed: flags.has('T'),
  };
  const bare = flags.has('1') && !form.long && !form.position;
  // With columns for the place, and in lists of names, each line has the path as it was asked for, and there are no headings.
  const withPaths = bare || form.service || form.position;
  const line = (object: HeldObject, shown: string) => (bare ? shown : listingLine(session, object, shown, form));
  const listed = (directory: HeldObject) =>
    sorted(
      entriesOf(session.system, directory).filter(([name]) => flags.has('a') || !name.startsWith('.')),
      flags,
    );
  const list = async (directory: HeldObject, shown: string): Promise<void> => {
    const inside = (name: string) => (shown === '' ? name : joined(shown, name));
    const entries = listed(directory);
    // In a recursive listing of positions a directory has one line, where its own contents begin.
    const whole = form.position && flags.has('R');
    const lines = entries
      .filter(([, { type }]) => !whole || type !== 'd')
      .map(([name, object]) => line(object, withPaths ? inside(name) : name));
    if (whole) lines.unshift(line(directory, shown));
    if (!withPaths) lines.unshift(`${shown === '' ? directory.path : shown}:`);
    if (lines.length > 0) await say(session, lines.join('\n'));
    if (!flags.has('R')) return;
    for (const [name, object] of entries) {
      if (object.type !== 'd') continue;
      try {
        await list(object, inside(name));
      } catch (error) {
        await complainOf(session, 'ls', error);
      }
    }
  };
  if (paths.length === 0) {
    await list(find(session.system, session.directory), '');
    return;
  }
  await forEachPath(session, 'ls', paths, async (path) => {
    const { object } = look(session.system, here(session, path), false);
    if (object === undefined) throw new HpssError('ENOENT', path);
    const target = object.type === 'l' && !flags.has('d') ? linkedDirectory(session, path) : undefined;
    if (flags.has('d') || (object.type !== 'd' && target === undefined)) await say(session, line(object, path));
    else await list(target ?? object, path);
  });
}

/** Every object below each path that has the name and type, by its path. */
export async function findObjects(session: Session, words: readonly Word[]): Promise<void> {
  const paths: Word[] = [];
  const tests: ((name: string, object: HeldObject) => boolean)[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (!word.text.startsWith('-')) {
      paths.push(word);
      continue;
    }
    if (word.text === '-print') continue;
    const value = words[++at];
    if (value === undefined) throw new UsageError(`${word.text} needs a value`);
    if (word.text === '-name') tests.push((name) => matchesName(value.text, name));
    else if (word.text === '-type') tests.push((_, { type }) => type === (value.text === 'f' ? '-' : value.text));
    else throw new UsageError(`unknown option ${word.text}`);
  }
  const visit = async (object: HeldObject, shown: string): Promise<void> => {
    if (tests.every((test) => test(baseName(shown), object))) await say(session, shown);
    if (object.type !== 'd') return;
    for (const [name, inner] of entriesOf(session.system, object)) await visit(inner, joined(shown, name));
  };
  const where = paths.length === 0 ? [listedPath('.')] : paths;
  await forEachPath(session, 'find', where, (path) => visit(find(session.system, here(session, path), false), path));
}

/** Bytes below each path. */
export async function du(session: Session, words: readonly Word[]): Promise<void> {
  const { words: paths } = readArguments(words, 's');
  await forEachPath(session, 'du', paths.length === 0 ? [listedPath('.')] : paths, async (path) => {
    const object = find(session.system, here(session, path));
    const bytes = object.type === 'd' ? usedBytes(session.system, object) : object.bytes;
    await say(session, `${String(Math.ceil(bytes / 512)).padStart(10)}\t${bytes} bytes\t${path}`);
  });
}

/** How much the user has stored, and may store. */
export async function quota(session: Session): Promise<void> {
  const { quotaBytes, user } = session.system.settings;
  const most = quotaBytes === 0 ? 'unlimited' : `${quotaBytes} bytes`;
  await say(session, `${user}: ${usedBytes(session.system)} bytes used of ${most}`);
}

/** The classes of service. */
export async function lscos(session: Session): Promise<void> {
  for (const { id, name, copies, upToBytes } of session.system.settings.classes) {
    await say(session, `${String(id).padStart(6)} ${name.padEnd(16)} copies=${copies} max=${upToBytes}`);
  }
}

type Entry = readonly [string, HeldObject];

function sorted(entries: readonly Entry[], flags: ReadonlySet<string>): readonly Entry[] {
  const all = flags.has('t') ? [...entries].sort(([, one], [, two]) => two.mtimeMs - one.mtimeMs) : entries;
  return flags.has('r') ? [...all].reverse() : all;
}

function linkedDirectory(session: Session, path: string): HeldObject | undefined {
  try {
    const object = find(session.system, here(session, path));
    return object.type === 'd' ? object : undefined;
  } catch (error) {
    if (error instanceof HpssError) return undefined;
    throw error;
  }
}
