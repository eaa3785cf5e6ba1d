import { writeWhole } from '../../durable/whole-file.ts';
import { joinPath } from '../../model/relative-path.ts';
import { indicators } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { digestOf } from '../staging/present.ts';
import { dayContents } from '../stored/day-contents.ts';
import { digestBytes } from '../stored/digest-list.ts';
import { covers, readReceipt } from '../stored/receipt.ts';

/** Where is remembered what a collect has ready to be staged, for when a receipt for it comes. */
function listPath(stateDir: string): string {
  return `${stateDir}/collect/collected.sha256`;
}

/** Remembers, durably, the digest of every file that is ready to be staged. */
export async function rememberCollected(run: Pick<PoolRun, 'files' | 'stateDir'>, collectDir: string): Promise<void> {
  const digests = new Map<string, string>();
  for (const { path, type } of dayContents(collectDir).values())
    if (type === 'file') digests.set(path, await digestOf(joinPath(collectDir, path)));
  const facts = new Map([['stowage-collected', '1']]);
  await writeWhole(run.files, listPath(run.stateDir), digestBytes({ facts, digests }), { replace: true, mode: 0o600 });
}

/** Whether a receipt has come that says of all that was collected last that it is stored; undefined if nothing is remembered that needs one. */
export async function hasReceipt(run: Pick<PoolRun, 'stateDir'>, collectDir: string): Promise<boolean | undefined> {
  const collected = await readReceipt(listPath(run.stateDir));
  if (collected === undefined) return undefined;
  const receipt = await readReceipt(joinPath(collectDir, indicators.stored));
  return receipt !== undefined && covers(receipt, collected.digests);
}
