import type { ArchiveRecord } from '../../catalog/archive-record.ts';
import { isSameObject } from '../../catalog/archive-record.ts';
import { publishTogether, type WaitingFile } from '../../durable/publish-together.ts';
import { fewFiles, syncsFileSystem } from '../../durable/sync-file-system.ts';
import { fileError, isStowageError, plainReason, StowageError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { parentOf } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { type Project, signalOf, type VerbOptions } from '../project.ts';
import { archiveContents } from './archive-contents.ts';
import { clearPartial, discardPartial, putHardLink, putLink, whatIsThere, writePartial } from './put-member.ts';
import type { Restored } from './restore-event.ts';
import type { RestoreWork } from './restore-work.ts';

/** Files get their names together when so many wait, or so many bytes: an fsync costs a thousand times what a small file does. */
const together = { files: 2048, open: 256, bytes: 64 * 2 ** 20 };

/** Brings these members of one archive back; directories do not count. Each is told of when it has its name. */
export async function* restoreArchive(
  work: RestoreWork,
  key: StoreKey,
  record: ArchiveRecord,
  recorded: Manifest,
  members: readonly Member[],
  options: VerbOptions,
): AsyncGenerator<Event> {
  const told = (member: Member, outcome: Restored['outcome'], target: string, problem?: string): Event => ({
    kind: 'restored',
    restored: {
      section: work.section,
      path: member.path,
      archive: key,
      target,
      outcome,
      type: member.type,
      bytes: member.bytes,
      ...(problem === undefined ? {} : { problem }),
      ...(member.torn === undefined ? {} : { torn: true }),
    },
  });
  // What it holds of the wanted paths and nobody can restore.
  for (const { path, what } of record.head.foreign ?? []) {
    if (!work.isWanted(path)) continue;
    yield {
      kind: 'finding',
      section: work.section,
      severity: 'problem',
      finding: { kind: 'foreign', archive: key, path, what },
    };
  }
  const unproven = members.some((member) => member.type === 'file' && member.sha256 === undefined);
  if (unproven && (record.damage !== undefined || !(await isAsAdopted(work.project, key, record, options)))) {
    for (const member of members) yield told(member, 'failed', member.path, swapped);
    return;
  }
  const targets = new Map<string, string>();
  const todo: Member[] = [];
  for (let at = 0; at < members.length; at += looksAtOnce) {
    options.signal?.throwIfAborted();
    const looks: Promise<Looked>[] = [];
    // One after the other: two would make the same folder.
    for (const member of members.slice(at, at + looksAtOnce))
      looks.push(look(work, member, await placeOf(work, member)));
    for (const { member, target, there } of await Promise.all(looks)) {
      if (there === 'same') {
        targets.set(member.path, target);
        yield told(member, 'there', target);
      } else if (there === 'other' && !work.put.overwrite) {
        yield told(member, 'differs', target, 'something else is there');
      } else if (there === 'free' || there === 'other') {
        todo.push(member);
      } else {
        yield told(member, 'failed', member.path, there.problem);
      }
    }
  }
  const contents = await archiveContents(work, { key, manifest: recorded }, todo, targets, options);
  for (const member of contents.lost) yield told(member, 'failed', member.path, 'it is not in the archive');
  const open = new Set(contents.readable);
  const waiting: { readonly member: Member; readonly file: WaitingFile }[] = [];
  let waitingBytes = 0;
  let waitingOpen = 0;
  async function* named(): AsyncGenerator<Event> {
    const some = waiting.splice(0);
    waitingBytes = 0;
    waitingOpen = 0;
    const problems = await publishTogether(
      work.project.files,
      some.map(({ file }) => file),
    );
    for (const [at, { member, file }] of some.entries()) {
      const problem = problems[at];
      if (problem === undefined) {
        targets.set(member.path, file.path);
        yield told(member, 'restored', file.path, member.sha256 === undefined ? noDigest : undefined);
      } else {
        if (isFull(problem.error)) throw fileError(`cannot write '${displayName(file.path)}'`, problem.error);
        yield told(member, 'failed', file.path, reasonOf(problem.error));
      }
    }
  }
  try {
    for await (const { member, content, facts } of contents.read()) {
      if (options.stop?.aborted) break;
      open.delete(member);
      const target = await work.lands(member.path).place(member.path);
      try {
        const put = { ...work.put, together: waiting.length >= fewFiles && syncsFileSystem(parentOf(target)) };
        const file = await writePartial(work.project.files, target, { ...member, ...facts }, content, put);
        waiting.push({ member, file });
        waitingBytes += member.bytes;
        if (file.file !== undefined) waitingOpen += 1;
      } catch (error) {
        if (!isStowageError(error, 'corrupt', 'exists', 'refused') && systemCode(error) === undefined) throw error;
        if (isFull(error)) throw fileError(`cannot write '${displayName(target)}'`, error);
        yield told(member, 'failed', target, reasonOf(error));
      }
      const isFullBatch = waiting.length >= together.files || waitingOpen >= together.open;
      if (isFullBatch || waitingBytes >= together.bytes) yield* named();
    }
    yield* named();
    if (open.size > 0) throw stopped();
  } catch (error) {
    if (!isStowageError(error, 'corrupt', 'missing', 'asleep')) throw error;
    yield* named();
    for (const member of open) yield told(member, 'failed', member.path, reasonOf(error));
  } finally {
    for (const { file } of waiting) await discardPartial(work.project.files, file);
  }
  for (const member of [...contents.links, ...contents.hardLinks]) {
    const target = await work.lands(member.path).place(member.path);
    const owner = member.hardLink === undefined ? undefined : targets.get(member.hardLink);
    try {
      if (member.type === 'link') await putLink(work.project.files, target, member, work.put);
      else if (owner === undefined)
        throw new StowageError('missing', 'the file that it is a further name of was not restored');
      else await putHardLink(work.project.files, target, owner, work.put);
      yield told(member, 'restored', target);
    } catch (error) {
      yield told(member, 'failed', target, reasonOf(error));
    }
  }
}

/** A look at a place costs a thread's round trip, and nothing else. */
const looksAtOnce = 64;

/** Where a member goes, and what is there already, or why that cannot be found out. */
interface Looked {
  readonly member: Member;
  readonly target: string;
  readonly there: 'free' | 'same' | 'other' | { readonly problem: string };
}

async function placeOf(work: RestoreWork, member: Member): Promise<string | { readonly problem: string }> {
  try {
    return await work.lands(member.path).place(member.path);
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

async function look(work: RestoreWork, member: Member, target: string | { readonly problem: string }): Promise<Looked> {
  if (typeof target !== 'string') return { member, target: member.path, there: target };
  try {
    const there = await whatIsThere(work.project.files, target, member);
    if (there === 'same') await clearPartial(work.project.files, target);
    return { member, target, there };
  } catch (error) {
    return { member, target, there: { problem: reasonOf(error) } };
  }
}

const noDigest = 'its archive was adopted and never read, so there is no digest to prove it by';

const swapped = 'its archive was changed or damaged since it was adopted, and no digest says what was in it';

/** Without digests only the object itself says that the places of its members are still right. */
async function isAsAdopted(project: Project, key: StoreKey, record: ArchiveRecord, options: VerbOptions) {
  const object = await project.store.stat(key, signalOf(options));
  // One that is gone is told when it is read.
  return object === undefined || isSameObject(record, object);
}

function isFull(error: unknown): boolean {
  return systemCode(error) === 'ENOSPC' || isStowageError(error, 'full');
}

function reasonOf(error: unknown): string {
  return isStowageError(error) ? error.message : plainReason(error);
}

/** What a restore that was asked to stop ends with. */
export function stopped(): StowageError {
  return new StowageError('interrupted', 'stopped before all was restored', {
    hint: 'run the same command again: what is there is left alone',
  });
}
