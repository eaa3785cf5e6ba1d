import { StowageError } from '../../errors.ts';
import { type EvidenceLevel, evidenceLevels } from '../../model/evidence.ts';
import { type Call, type Command, configArgument, optionalText, sectionArgument, texts } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { openProject } from '../open-project.ts';
import { parseSampleSize } from '../sample-size.ts';
import { sessionsOption } from '../sessions.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Check stored archives against the record',
  description:
    'Compares each archive with what was recorded: that it is listed, that it has its size, that its index names its members, that the digest which the store keeps is the recorded one, or, by reading it back, every byte. What was seen is recorded with its date. A store has not every level; a level that it has not is exit 2. --sample, --max-age and --max-duration make portions of it that can be afforded, and can be combined: the sample is drawn from all, what was found intact not long ago is left out, and the rest is looked at, oldest check first, until the time is over. That archives are left then is no failure; running it again goes on.',
  arguments: [
    configArgument,
    { ...sectionArgument, optional: true, description: 'only this section (default: all that were archived)' },
    { name: 'archive', description: 'only these archives, by their names in the section', optional: true, many: true },
  ],
  options: [
    { flags: '--level <level>', description: 'how closely to look', default: 'size', choices: evidenceLevels },
    {
      flags: '--sample <size>',
      description: 'a random sample: a share (5%) or a number of archives (100); says what it tells about all',
    },
    {
      flags: '--seed <text>',
      description: 'draw the sample that a run with this seed had (default: chance; it is told)',
    },
    {
      flags: '--max-age <duration>',
      description: 'only what was not found intact at this level for so long (90d), oldest check first',
    },
    {
      flags: '--max-duration <duration>',
      description: 'begin with no further archive after so long (1h); oldest check first, so that the next run goes on',
    },
    {
      flags: '--create-digests',
      description:
        'where the store keeps no digest of an archive (on HPSS, of what htar made), have it read the archive and keep one; with --level digest or read',
    },
    {
      flags: '--no-record',
      description:
        'write nothing down, for who may only read the state folder; what is seen is told, and no later command knows of it',
    },
    sessionsOption,
  ],
  examples: [
    'stowage verify survey.json',
    'stowage verify survey.json data --level read',
    'stowage verify survey.json data spectra/tile_0001.tar --level index',
    'stowage verify survey.json --level read --max-age 90d --max-duration 3h',
    'stowage verify survey.json --level read --sample 5%',
  ],
  gentle: true,
  async *run(call) {
    const portion = portionOf(call);
    const [project, { verify }] = await Promise.all([openProject(call), import('../../verbs/verify/verify.ts')]);
    const section = optionalText(call, 'section');
    yield* verify(project, {
      ...call.verb,
      level: (optionalText(call, 'level') ?? 'size') as EvidenceLevel,
      archives: texts(call, 'archive'),
      createDigests: call.flags.createDigests === true,
      record: call.flags.record !== false,
      ...portion,
      ...(section === undefined ? {} : { section }),
    });
  },
};

/** What the options say of the part that is to be verified. */
function portionOf(call: Call) {
  const [sample, seed] = [optionalText(call, 'sample'), optionalText(call, 'seed')];
  const [maxAge, maxDuration] = [optionalText(call, 'maxAge'), optionalText(call, 'maxDuration')];
  if (seed !== undefined && sample === undefined)
    throw new StowageError('usage', '--seed needs --sample', { hint: 'stowage verify CONFIG --sample 5% --seed a1b2' });
  return {
    ...(sample === undefined ? {} : { sample: parseSampleSize(sample) }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxAge === undefined ? {} : { maxAge: parseDuration('--max-age', maxAge) }),
    ...(maxDuration === undefined ? {} : { maxDuration: parseDuration('--max-duration', maxDuration) }),
  };
}
