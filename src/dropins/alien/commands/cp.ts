import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError, isStowageError, plainReason } from '../../../errors.ts';
import { copyFiles } from '../../../grid/copy/copy-files.ts';
import type { CopyOptions } from '../../../grid/copy/copy-options.ts';
import { type CopyParts, copyParts } from '../../../grid/copy/copy-parts.ts';
import { settleLeftRuns } from '../../../grid/copy/upload/read-left.ts';
import { isLocalName, localPath } from '../../../grid/lfn.ts';
import { leanHeaps } from '../../../lean-heaps.ts';
import { displayName, fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { tellCopyEvent } from '../content/store-edited.ts';
import { type CopyLine, type CopyPair, readCopyLine } from '../copy/copy-line.ts';
import { readCopyList } from '../copy/copy-list.ts';
import type { CopyPlan } from '../copy/copy-plan.ts';
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
  const site = line.site === undefined || line.dryRun ? undefined : await context.sessionAt(line.site);
  // What is known of each of very many files goes soon: it must not pile up as garbage.
  const usualHeaps = leanHeaps();
  try {
    const parts = await copyParts(site ?? grid, { env: context.env, limits });
    try {
      // What a killed run was about to rename is to be found under its name.
      if (!line.dryRun) await settleLeftRuns(parts, (event) => tellCopyEvent(event, context.tell));
      const plan = await makePlan({ grid, home: context.places.home, options: sendOptions(context) }, line, pairs);
      for (const text of plan.told) context.tell(`cp: ${text}`);
      return line.dryRun
        ? dryRunOutcome(plan)
        : await copied(context, parts, plan, { ...options, ...line.options }, line);
    } finally {
      parts.close();
    }
  } finally {
    usualHeaps();
    await site?.close();
  }
}

/** Copies what was planned, and tells of it. */
async function copied(
  context: Context,
  parts: CopyParts,
  plan: CopyPlan,
  options: CopyOptions,
  { verbose }: CopyLine,
): Promise<Outcome> {
  const { signal, hurry, terminal, json } = context;
  const now = () => performance.now();
  const report = copyReport(plan, {
    print: context.print,
    tell: context.tell,
    line: movingLine(json ? undefined : terminal, now),
    eachFile: !json && (verbose || terminal === undefined),
    asData: json,
    now,
  });
  const giveUp = () => parts.close();
  signal?.addEventListener('abort', report.stopping, { once: true });
  hurry?.addEventListener('abort', giveUp, { once: true });
  try {
    const wanted = { existing: 'md5', different: 'replace', ...options } as const;
    const events = copyFiles(parts, report.jobs(), { ...wanted, ...sendOptions(context) });
    for await (const event of events) report.event(event);
  } catch (error) {
    if (isStowageError(error, 'interrupted') && signal?.aborted) return report.end(true);
    // What was done until then is told before what ended it.
    const { out, err, json: data } = report.end(false);
    return { status: 1, out, err: `${err}\ncp: ${plainReason(error)}`.trim(), json: data };
  } finally {
    signal?.removeEventListener('abort', report.stopping);
    hurry?.removeEventListener('abort', giveUp);
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
