import { attributesOf, type HeldObject, setAttributes } from '../system/attributes.ts';
import { readHeld } from '../system/files.ts';
import { exits, HpssError } from '../system/hpss-error.ts';
import { entriesOf, find, joined } from '../system/namespace.ts';
import { purge as fromDisk, stage as toDisk, migrate as toTape } from '../system/tape.ts';
import { forEachPath, here, readArguments, UsageError } from './arguments.ts';
import type { Word } from './command-line.ts';
import { algorithmOf, digestOf } from './digests.ts';
import { complain, type Session, say } from './session.ts';

/** Options that choose how bytes move, and change nothing else: `-A` and `-N` schedule by tape or not, `-F`, `-T`, `-X` are about movers. */
const moving = 'AN';

/** `stage`: from tape to the disk cache. */
export async function stage(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'stage', words, (object) => toDisk(session.system, object));
}

/** `migrate`: onto tape. */
export async function migrate(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'migrate', words, (object) => toTape(session.system, object));
}

/** `purge`: out of the disk cache, if it is on tape. */
export async function purge(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'purge', words, (object) => {
    if (!fromDisk(session.system, object)) throw new HpssError('EBUSY', object.path);
  });
}

/** `chcos ID`. */
export async function chcos(session: Session, words: readonly Word[]): Promise<void> {
  const [id, ...rest] = readArguments(words, '').words;
  const service = session.system.settings.classes.find((one) => String(one.id) === id?.text)?.id;
  if (service === undefined) throw new UsageError(`unknown class of service ${id?.text ?? ''}`);
  await forEachFile(session, 'chcos', rest, (object) => setAttributes(session.system, object, { service }));
}

/** `hashcreate`: reads each file back and notes its checksum. */
export async function hashcreate(session: Session, words: readonly Word[]): Promise<void> {
  const { values } = readArguments(words, `${moving}CRSh`, 'FHTXY');
  const algorithm = algorithmOf(values.get('H'));
  await forEachFile(session, 'hashcreate', words, async (object, flags) => {
    const hex = digestOf(algorithm, readHeld(session.system, object, { direct: flags.has('S') }));
    setAttributes(session.system, object, { hash: { algorithm, hex } });
    if (flags.has('C')) fromDisk(session.system, find(session.system, object.path));
    await say(session, `${hex} (${algorithm}) ${object.path} [hsi]`);
  });
}

/** `hashlist` and `lshash`: the checksums that were noted; reads no file. */
export async function hashlist(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'hashlist', words, async (object) => {
    const { hash } = attributesOf(session.system, object);
    if (hash === undefined) await complain(session, `${object.path}: no valid checksum found`);
    else await say(session, `${hash.hex} (${hash.algorithm}) ${object.path} [hsi]`);
  });
}

/** `hashverify`: reads each file back and compares. */
export async function hashverify(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'hashverify', words, async (object, flags) => {
    const { hash } = attributesOf(session.system, object);
    if (hash === undefined) {
      await complain(session, `${object.path}: checksum not set`);
      return;
    }
    const hex = digestOf(hash.algorithm, readHeld(session.system, object, { direct: flags.has('S') }));
    if (flags.has('C')) fromDisk(session.system, find(session.system, object.path));
    if (hex === hash.hex) await say(session, `${object.path}: (${hash.algorithm}) OK`);
    else await complain(session, `*** ${object.path}: (${hash.algorithm}) checksum mismatch`, exits.data);
  });
}

/** `hashdelete`: forgets the checksums. */
export async function hashdelete(session: Session, words: readonly Word[]): Promise<void> {
  await forEachFile(session, 'hashdelete', words, (object) => {
    setAttributes(session.system, object, { hash: undefined });
  });
}

async function forEachFile(
  session: Session,
  command: string,
  words: readonly Word[],
  deed: (object: HeldObject, flags: ReadonlySet<string>) => void | Promise<void>,
): Promise<void> {
  const { flags, words: paths } = readArguments(words, `${moving}CRSh`, 'FHTXY');
  const visit = async (object: HeldObject): Promise<void> => {
    if (object.type === '-') await deed(object, flags);
    else if (object.type === 'd' && flags.has('R')) {
      for (const [name] of entriesOf(session.system, object)) {
        await visit(find(session.system, joined(object.path, name), false));
      }
    } else if (object.type === 'd') throw new HpssError('EISDIR', object.path);
  };
  await forEachPath(session, command, paths, (path) => visit(find(session.system, here(session, path))));
}
