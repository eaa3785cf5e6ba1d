import { displayName } from '../../model/byte-name.ts';
import { archiveStem } from '../collect/archive-names.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import { settleSealed } from '../collect/memory.ts';
import type { MboxFile } from '../configuration/extension-sections.ts';
import { counted } from '../counted.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { calendarDay, dayPath } from '../week.ts';
import { itemsIn } from './directory-items.ts';
import { dumpProgram } from './dump-program.ts';
import { collectOf, extensionEvent, extensionFailure, sectionOf } from './extension-event.ts';
import { turnOf } from './remembered.ts';

/** Collects mail folders by `grepmail`, incrementally what came since a collect that is staged: `mbox-YYYYMMDD-PATH`. Each file of a directory is a folder of its own. */
export async function* executeMbox(run: PoolRun): AsyncGenerator<PoolEvent> {
  const section = sectionOf(run.configuration.sections.mbox, 'mbox');
  const collectDir = withoutSlash(collectOf(run, 'mbox').collectDir);
  await settleSealed(run, collectDir);
  const files: MboxFile[] = [...section.files];
  for (const dir of section.dirs) files.push(...itemsIn(dir, 'files').map((path) => ({ ...dir, path })));
  const now = run.clock.now();
  const today = dayPath(calendarDay(now)).replaceAll('/', '');
  for (const { path, collectMode, compressMode } of files) {
    const name = `[${displayName(path)}]`;
    try {
      const stem = archiveStem(path);
      const turn = await turnOf(run, 'mbox', stem, collectMode);
      if (!turn.due) {
        yield extensionEvent('mbox', 'info', 'skipped', `${name} is collected on the first day of the week.`, { path });
        continue;
      }
      const { bytes } = await dumpProgram(run, {
        program: 'grepmail',
        // Status 1: no mail is that new.
        options: { successStatuses: [0, 1] },
        args: ['-a', '-u', ...(turn.since === undefined ? [] : ['-d', `since ${turn.since}`]), path],
        target: `${collectDir}/mbox-${today}-${stem}`,
        compression: compressMode,
      });
      await turn.remember(now.toISOString());
      yield extensionEvent('mbox', 'info', 'collected', `Collected ${name} (${counted(bytes, 'byte')}).`, {
        path,
        bytes,
      });
    } catch (error) {
      yield extensionFailure('mbox', `Error collecting ${name}`, error);
    }
  }
}
