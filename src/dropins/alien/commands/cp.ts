import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError, isStowageError, plainReason } from '../../../errors.ts';
import { copyFiles } from '../../../grid/copy/copy-files.ts';
import { copyParts } from '../../../grid/copy/copy-parts.ts';
import { isLocalName, localPath } from '../../../grid/lfn.ts';
import { displayName, fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { type CopyLine, type CopyPair, readCopyLine } from '../copy/copy-line.ts';
import { readCopyList } from '../copy/copy-list.ts';
import { movingLine } from '../copy/copy-progress.ts';
import { copyReport } from '../copy/copy-report.ts';
import { copyUsage } from '../copy/copy-usage.ts';
import { dryRunOutcome } from '../copy/dry-run.ts';
import { makePlan } from '../copy/make-plan.ts';
import { xrdSettings } from '../copy/xrd-variables.ts';
import type { Outcome } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';

async function cp(context: Context, args: readonly string[]): Promise<Outcome> {
  const line = readCopyLine(args);
  const { limits, options, told } = xrdSettings(context.env);
  for (const text of [...line.told, ...told]) context.tell(`cp: ${text}`);
  const pairs = [...line.pairs, ...(await pairsOfLists(line))];
  const grid = await context.session();
  const plan = await makePlan({ grid, home: context.places.home, options: sendOptions(context) }, line, pairs);
  for (const text of plan.told) context.tell(`cp: ${text}`);
  if (line.dryRun) return dryRunOutcome(plan);

  const site = line.site === undefined ? undefined : await context.sessionAt(line.site);
  const { signal, hurry, terminal, json } = context;
  const now = () => performance.now();
  const report = copyReport(plan, {
    print: context.print,
    tell: context.tell,
    line: movingLine(json ? undefined : terminal, now),
    eachFile: !json && (line.verbose || terminal === undefined),
    now,
  });
  try {
    const parts = await copyParts(site ?? grid, { env: context.env, limits });
    const giveUp = () => parts.close();
    signal?.addEventListener('abort', report.stopping, { once: true });
    hurry?.addEventListener('abort', giveUp, { once: true });
    try {
      const jobs = plan.copies.map(({ job }) => job);
      const wanted = { existing: 'md5', different: 'replace', ...options, ...line.options } as const;
      for await (const event of copyFiles(parts, jobs, { ...wanted, ...sendOptions(context) })) report.event(event);
    } finally {
      signal?.removeEventListener('abort', report.stopping);
      hurry?.removeEventListener('abort', giveUp);
      parts.close();
    }
  } catch (error) {
    if (isStowageError(error, 'interrupted') && signal?.aborted) return report.end(true);
    // What was done until then is told before what ended it.
    const { out, err, json: data } = report.end(false);
    return { status: 1, out, err: `${err}\ncp: ${plainReason(error)}`.trim(), json: data };
  } finally {
    await site?.close();
  }
  return report.end(signal?.aborted === true);
}

async function pairsOfLists({ lists, into }: CopyLine): Promise<readonly CopyPair[]> {
  const pairs: CopyPair[] = [];
  for (const name of lists) {
    const path = resolve(isLocalName(name) ? localPath(name) : name);
    const bytes = await readFile(fsPath(path)).catch((error: unknown) => {
      throw fileError(`cp: cannot read '${displayName(path)}'`, error);
    });
    pairs.push(...readCopyList(nameFromBytes(bytes), displayName(name), into));
  }
  return pairs;
}

/** Copies between this machine and the Grid. */
export const commands: readonly ClientCommand[] = [
  { name: 'cp', summary: 'copy files from and to the Grid', usage: copyUsage, run: cp },
];
