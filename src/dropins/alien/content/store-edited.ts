import { StowageError } from '../../../errors.ts';
import type { CopyEvent } from '../../../grid/copy/copy-event.ts';
import type { InPlaceOf, Upload } from '../../../grid/copy/copy-job.ts';
import type { CopyParts } from '../../../grid/copy/copy-parts.ts';
import { hasGuid } from '../../../grid/copy/upload/same-content.ts';
import { uploadFile } from '../../../grid/copy/upload-file.ts';
import { displayName } from '../../../model/byte-name.ts';
import type { Context } from '../client-command.ts';
import { sendOptions } from '../send-options.ts';

/** Stores a content in the place of another one, and answers in words where it is. Rejects with why it could not be stored. */
export async function storeEdited(
  context: Context,
  parts: CopyParts,
  job: Upload & { readonly inPlaceOf: InPlaceOf },
): Promise<string> {
  const { old, keep } = job.inPlaceOf;
  let ended: CopyEvent | undefined;
  await uploadFile(parts, job, sendOptions(context), (event) => {
    tellCopyEvent(event, context.tell);
    if (event.kind === 'copied' || event.kind === 'failed') ended = event;
  });
  if (ended?.kind === 'failed') throw ended.reason;
  if (ended?.kind !== 'copied') throw new StowageError('interrupted', 'interrupted before it was stored');
  const stored = `${job.lfn} is stored at ${ended.elements.join(', ')}`;
  // Where it could not get this name, it was told which one it has.
  const kept = await parts.grid.stat(keep);
  return kept !== undefined && hasGuid(kept, old.guid) ? `${stored}; what it was is at ${keep}` : stored;
}

/** Tells what a person should know of what happened on the way. */
export function tellCopyEvent(event: CopyEvent, tell: (text: string) => void): void {
  if (event.kind === 'replica failed') tell(`${event.se}: ${event.reason.message}`);
  if (event.kind === 'settled') tell(`${event.lfn === undefined ? '' : `${displayName(event.lfn)}: `}${event.how}`);
}
