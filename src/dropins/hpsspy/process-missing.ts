import { dirname, resolve } from 'node:path';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { StowageError } from '../../errors.ts';
import { getTmpdir } from '../../hpss/hpss-dir.ts';
import type { HpssOptions } from '../../hpss/hpss-options.ts';
import { baseOf, parentOf } from '../../model/relative-path.ts';
import { settingsKey } from '../../rules/section.ts';
import { archiveSection } from './archive-section.ts';
import { exactSection } from './exact-section.ts';
import { standardLog } from './log.ts';
import { missingArchives } from './missing-archives.ts';
import { tellCommands } from './tell-commands.ts';
import type { LogOptions } from './validate-configuration.ts';

export interface ProcessMissingOptions extends LogOptions {
  /** Octal, of the section's directory on HPSS if it must be made; 2770 if absent. */
  readonly dirmode?: string;
  /** Only says what would be done; reaches no HPSS. */
  readonly test?: boolean;
  /** How HPSS is reached. */
  readonly hpss?: Omit<HpssOptions, 'hpssDir' | 'tmpdir' | 'signal' | 'onWait'>;
  /** Where the record is kept: `.stowage` beside the missing file if absent. */
  readonly state?: string;
  readonly signal?: AbortSignal;
}

/**
 * Stores the archives of a missing file, whose files lie below `diskRoot`, below `hpssRoot`: exactly those files, by the plan, journal and checks of
 * `stowage archive`; what a killed run left is finished first. True if all of them are stored. Both roots must end in the same name, which is
 * the section's. Rejects with `refused` if they do not, and as `archive` does.
 */
export async function processMissing(
  missingCache: string,
  diskRoot: string,
  hpssRoot: string,
  { log = standardLog, dirmode, test = false, hpss = {}, state, signal }: ProcessMissingOptions = {},
): Promise<boolean> {
  const tell = { log, test, tmpdir: getTmpdir(), ...(dirmode === undefined ? {} : { dirmode }) };
  const possible = tellCommands(missingCache, [diskRoot], hpssRoot, tell);
  if (test) return possible;
  const section = baseOf(diskRoot);
  if (section === '' || baseOf(hpssRoot) !== section) {
    throw new StowageError('refused', `'${diskRoot}' and '${hpssRoot}' do not end in the same name`, {
      hint: 'that name is the section under which the archives are recorded',
    });
  }
  const rules = exactSection(section, missingArchives(missingCache));
  if (rules.directories.size === 0) return possible;
  const folder = await temporaryFolder(getTmpdir());
  try {
    const settings = { root: parentOf(resolve(diskRoot)), hpss_root: parentOf(hpssRoot), hpss: asWritten(hpss) };
    const text = JSON.stringify({ [settingsKey]: settings, [section]: { __exclude__: [] } });
    const config = await folder.write('missing.json', Buffer.from(text, 'utf8'));
    const stored = await archiveSection(config, section, {
      log,
      limit: Number.POSITIVE_INFINITY,
      state: state ?? `${dirname(resolve(missingCache))}/.stowage`,
      inOne: true,
      adapt: (opened) => {
        const sections = new Map([[section, rules]]);
        return { ...opened, configuration: { ...opened.configuration, sections } };
      },
      ...(dirmode === undefined ? {} : { dirmode }),
      ...(signal === undefined ? {} : { signal }),
    });
    return possible && stored;
  } finally {
    await folder.remove();
  }
}

/** The options under the names that they have in a configuration. */
function asWritten(hpss: NonNullable<ProcessMissingOptions['hpss']>): object {
  return Object.fromEntries(
    Object.entries(hpss).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}
