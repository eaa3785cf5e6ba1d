import { recordedSections, runsOf } from '../../catalog/state-folder.ts';
import { displayName } from '../../model/byte-name.ts';
import { storeKey } from '../../model/store-key.ts';
import { type Check, ok, type Patient, problem, unseen, warning } from './check.ts';
import { eachScratch } from './each-scratch.ts';

/** No clock of a machine that runs this can stand before its oldest commit. */
const oldest = Date.UTC(2026, 0, 1);
const farSeconds = 5;

/** The clocks: ours against that of each place, and against the last run. Evidence is dated by ours, objects by the store's. */
export const clockCheck: Check = {
  name: 'clock',
  async *examine(patient) {
    const now = patient.clock.now();
    if (now.getTime() < oldest) yield problem(`it is ${now.toISOString()} here`, 'set the clock of this machine');
    yield* lastRun(patient);
    for await (const { what, path, folder } of eachScratch(patient)) {
      if (what === 'the temporary folder' || (what === 'the store' && patient.project !== undefined)) continue;
      const file = await patient.files.open(`${folder}/clock`, 'wx');
      const ours = patient.clock.now().getTime();
      await file.write(Buffer.from('x')).finally(() => file.close());
      const found = await patient.files.lstat(`${folder}/clock`);
      if (found !== undefined) yield compared(`${what} '${displayName(path)}'`, ours, found.mtimeNs);
    }
    yield* storesClock(patient);
  },
};

async function* lastRun({ project, clock }: Patient) {
  if (project === undefined) return;
  let last = '';
  for (const section of await recordedSections(project.state)) {
    for (const run of await runsOf(project.state, section)) if (run > last) last = run;
  }
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(last) ?? [];
  if (year === undefined) return;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (at.getTime() <= clock.now().getTime()) yield ok(`later than the last run, ${at.toISOString()}`);
  else {
    yield warning(
      `it is ${clock.now().toISOString()} here, and the last run was ${at.toISOString()}`,
      'set the clock: until then the dates of new evidence are wrong, and runs are named after the last one',
    );
  }
}

async function* storesClock({ clock, project, scratchStore }: Patient) {
  const scratch = await scratchStore();
  if (scratch === undefined || project === undefined) return;
  const store = await scratch.open();
  const ours = clock.now().getTime();
  const written = await store.write(storeKey('clock'), [Buffer.from('x')]);
  await store.discard(written);
  const name = `the store ${displayName(project.store.location)}`;
  const { modifiedNs } = written.object;
  yield modifiedNs === undefined ? unseen(`${name} tells no times`) : compared(name, ours, modifiedNs, zoneHint);
}

/** `ofZones` is the hint where the difference may be one of zones. */
function compared(name: string, ours: number, theirsNs: bigint, ofZones?: string) {
  const seconds = Number(theirsNs / 1_000_000n - BigInt(ours)) / 1000;
  const text = `the clock of ${name} is ${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'} ours`;
  if (Math.abs(seconds) < farSeconds) return ok(`the clock of ${name} agrees with ours`);
  const hint = isZone(seconds) ? ofZones : undefined;
  return warning(text, hint ?? 'set both by NTP: dates in reports are of two clocks');
}

const zoneHint =
  'that is how zones differ: say which one the store has its times in, for HPSS as "hpss": { "zone": "America/Los_Angeles" } in "__config__"';

/** Zones are whole quarters of an hour apart; a listing may tell no more than the minute. */
function isZone(seconds: number): boolean {
  const quarters = Math.round(seconds / 900);
  return quarters !== 0 && Math.abs(seconds - quarters * 900) <= 61;
}
