import type { Writer } from '../disc/writer.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { scratchFolder } from '../durable/scratch-folder.ts';
import { writeWhole } from '../durable/whole-file.ts';
import { fileError, isStowageError, StowageError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { publishDecision } from '../store/publish-decision.ts';
import type { Published, Versions, Written } from '../store/store.ts';
import { discNames } from './disc-names.ts';
import type { DiscPlace } from './disc-place.ts';
import { type DiscLooks, type DiscSight, objectIn } from './disc-sight.ts';
import type { DiscSpool } from './disc-spool.ts';
import { formatSums, sha256Of, sumsOfSumsPath, sumsPath } from './disc-sums.ts';

/** What publishing needs to know of the store that it works in. */
export interface DiscParts {
  readonly location: string;
  readonly files: FileOperations;
  readonly place: DiscPlace;
  readonly spool: DiscSpool;
  readonly looks: DiscLooks;
}

/** The label of a disc that held nothing. */
const label = 'STOWAGE';

/**
 * Writes all that is to be published as one session, with the digests of all that the disc then holds, and reads it back; yields each once it is seen on the disc. Nobody else may
 * write the disc meanwhile. What the session failed for stops the run: each try more would cost the medium another session.
 */
export async function* publishOnDisc(
  parts: DiscParts,
  written: readonly Written[],
  replaces: Versions | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Published> {
  const { spool, looks, location } = parts;
  looks.forget();
  const before = await looks.now(signal);
  const going: { readonly one: Written; readonly isDone: boolean }[] = [];
  const names = discNames(before);
  let failure: { readonly error: unknown } | undefined;
  for (const one of written) {
    try {
      const problem = names.take(one.key);
      if (problem !== undefined) throw new StowageError('exists', `'${displayName(one.key)}' ${problem}`);
      going.push({ one, isDone: await decide(parts, one, before, replaces?.get(one.key)) });
    } catch (error) {
      failure = { error };
      break;
    }
  }
  const anew = going.filter(({ isDone }) => !isDone).map(({ one }) => one);
  if (anew.length > 0) await writeOne(parts, anew, before, signal);
  const after = anew.length > 0 ? await looks.now(signal) : before;
  for (const { one } of going) {
    const object = objectIn(after, one.key);
    if (object === undefined || (object.digests.sha256 ?? one.object.version) !== one.object.version)
      throw stopping(
        new StowageError('corrupt', `'${displayName(one.key)}' was written to ${location} and is not seen there`),
      );
    // It stands on the disc: what cannot be removed now is debris for the next run, and no failure of this one.
    await spool.remove(one).catch(() => undefined);
    yield { key: one.key, object };
  }
  if (failure !== undefined) throw failure.error;
}

/** True if it is on the disc already. Throws as the contract says. */
async function decide(
  { spool }: DiscParts,
  one: Written,
  sight: DiscSight,
  expected: string | undefined,
): Promise<boolean> {
  const current = objectIn(sight, one.key);
  return (
    publishDecision(one, current, expected, {
      // The version is the digest: what has it is what was written, whoever wrote it.
      isOurs: current?.version === one.object.version,
      isWaiting: (await spool.waiting(one)) !== undefined,
    }) === 'done'
  );
}

async function writeOne(
  { location, place, spool, looks, files }: DiscParts,
  anew: readonly Written[],
  before: DiscSight,
  signal: AbortSignal | undefined,
): Promise<void> {
  const digests = new Map(anew.map(({ key, object }) => [key as string, object.version]));
  const sums = formatSums(new Map([...before.sums, ...digests]));
  const proof = formatSums(new Map([[sumsPath, sha256Of(sums)]]));
  await makeFolder(files, spool.folder);
  const work = await scratchFolder(files, spool.folder, 'session-');
  try {
    // The folder on the disc takes its mode from this one.
    const folder = `${work.path}/open`;
    await files.mkdir(folder, 0o755);
    await writeWhole(files, `${folder}/sums`, sums, { replace: false });
    await writeWhole(files, `${folder}/proof`, proof, { replace: false });
    const writer: Writer = await place.writer(signal);
    writer.initializeImage({ newDisc: false, ...(before.isBlank ? { mediaLabel: label } : {}) });
    for (const { key, token } of anew) writer.addImageEntry(spool.path(token), key);
    writer.addImageEntry(`${folder}/sums`, sumsPath);
    writer.addImageEntry(`${folder}/proof`, sumsOfSumsPath);
    digests.set(sumsPath, sha256Of(sums));
    digests.set(sumsOfSumsPath, sha256Of(proof));
    await writer.writeImage({ digests, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if (systemCode(error) !== undefined) throw fileError(`cannot write a session to ${location}`, error);
    throw isStowageError(error, 'corrupt', 'program', 'refused', 'unavailable', 'mismatch') ? stopping(error) : error;
  } finally {
    looks.forget();
    await work.remove();
  }
}

/** The same error, and nothing more is tried in this run. */
function stopping(error: StowageError): StowageError {
  const { code, message, hint, facts } = error;
  return new StowageError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    facts: { ...facts, stopsRun: true },
    cause: error,
  });
}
