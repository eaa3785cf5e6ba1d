import { blockSource } from '../../disc/block-source.ts';
import { checkDisc } from '../../disc/check-disc.ts';
import { forgetCached } from '../../disc/forget-cached.ts';
import { lookAtMedium, type MediumFacts } from '../../disc/look-at-medium.ts';
import { faultText } from '../../disc/verdict.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { counted } from '../counted.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { storedDays, storedRecords } from '../stored/stored-record.ts';
import { discEvent } from './disc-event.ts';
import { discDigest, isShownAs } from './on-medium.ts';
import { discOf } from './pool-disc.ts';

export interface VerifyDiscOptions {
  /** A drive or an image; that of the configuration if not given. */
  readonly medium?: string;
  /** Reads every byte of every session, and compares it with the checksums that were written with it too. */
  readonly allSessions?: boolean;
  /** `YYYY/MM/DD`: what was stored of that day alone. */
  readonly day?: string;
}

/**
 * Reads a disc back, from the medium and without mounting it: every file that is recorded to be there, with its digest. Everything that is wrong is told, and fails. Throws
 * `missing` for a disc of which nothing is recorded, unless all sessions are asked for: then its own checksums count alone, and that is told.
 */
export async function* verifyDisc(run: PoolRun, options: VerifyDiscOptions = {}): AsyncGenerator<PoolEvent> {
  const { configuration, signal } = run;
  const path = options.medium ?? discOf(configuration).targetDevice;
  const xorriso = configuration.options.overrides.get('xorriso');
  const facts = await lookAtMedium(path, { xorriso, signal });
  if (facts.begun === undefined) throw new StowageError('missing', `'${displayName(path)}' holds nothing`);
  const recorded = await recordedOn(run, facts.begun, options.day);
  const name = `[${facts.begun.label}] in '${displayName(path)}'`;
  if (recorded.size === 0) {
    const text = `nothing is recorded of the disc ${name}`;
    if (options.allSessions !== true) {
      throw new StowageError('missing', text, { hint: 'with --all-sessions it is compared with its own checksums' });
    }
    yield discEvent('verify', 'warning', 'told', `${text}: it is compared with its own checksums.`, { failed: false });
  }
  let failures = 0;
  const failed = (text: string, at?: string): PoolEvent => {
    failures += 1;
    return discEvent('verify', 'error', 'failed', text, at === undefined ? {} : { path: at });
  };
  for (const [at, member] of recorded) {
    const entry = facts.shown.get(at);
    if (entry === undefined) yield failed(`'${displayName(at)}' is not on the disc`, at);
    else if (!isShownAs(entry, member)) yield failed(`'${displayName(at)}' on the disc: it is not what was stored`, at);
  }
  let bytes = 0;
  if (options.allSessions === true) {
    const known = new Map([...recorded].flatMap(([at, { sha256 }]) => (sha256 === undefined ? [] : [[at, sha256]])));
    const { starts } = facts;
    const verdict = await checkDisc(path, { known, allSessions: true, xorriso, signal, ...(starts && { starts }) });
    for (const fault of verdict.faults) {
      yield failed(faultText(fault, displayName), 'path' in fault ? fault.path : undefined);
    }
    bytes = verdict.bytes;
  } else {
    await forgetCached(path, signal);
    const source = await blockSource(path);
    try {
      for (const [at, member] of recorded) {
        const entry = facts.shown.get(at);
        if (member.type !== 'file' || entry === undefined || !isShownAs(entry, member)) continue;
        bytes += member.bytes;
        const digest = await discDigest(source, entry, signal);
        if (digest === undefined) yield failed(`'${displayName(at)}' on the disc: it cannot be read`, at);
        else if (digest !== member.sha256) {
          yield failed(`'${displayName(at)}' on the disc: its content is not what was stored`, at);
        }
      }
    } finally {
      await source.close();
    }
  }
  const read =
    options.allSessions === true
      ? facts.sessions.length === 1
        ? 'the only session'
        : `all ${facts.sessions.length} sessions`
      : counted(recorded.size, 'file');
  const isOne = options.allSessions === true ? facts.sessions.length === 1 : recorded.size === 1;
  const end =
    failures === 0
      ? `${isOne ? 'is as it was' : 'are as they were'} stored`
      : `${isOne ? 'was' : 'were'} read; ${counted(failures, 'thing')} ${failures === 1 ? 'is' : 'are'} not as stored`;
  const text = `${read} of the disc ${name} ${end}`;
  yield discEvent('verify', 'info', 'done', text, { files: recorded.size, bytes });
}

/** What is recorded to be on a disc, by path there; where there are several records the newest counts. */
async function recordedOn(
  { stateDir }: PoolRun,
  begun: NonNullable<MediumFacts['begun']>,
  day: string | undefined,
): Promise<ReadonlyMap<string, Member>> {
  const found = new Map<string, Member>();
  for (const one of day === undefined ? await storedDays(stateDir) : [day]) {
    for (const { disc, members } of await storedRecords(stateDir, one)) {
      if (disc?.label !== begun.label || disc.begun !== begun.at) continue;
      for (const [path, member] of members) found.set(`${one}/${path}`, member);
    }
  }
  return found;
}
