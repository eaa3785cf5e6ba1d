import { StowageError } from '../../../errors.ts';
import { displayName, isUtf8Name } from '../../../model/byte-name.ts';
import type { CatalogueEntry } from '../../grid-results.ts';
import { normalLfn } from '../../lfn.ts';
import type { Upload } from '../copy-job.ts';
import type { CopyOptions } from '../copy-options.ts';
import type { Content } from './content.ts';
import type { LocalFile } from './local-file.ts';
import { isSameContent } from './same-content.ts';

/** What is to be done for one file. */
export type UploadPlan =
  | { readonly kind: 'present'; readonly by: 'size and time' | 'md5' }
  | { readonly kind: 'store'; readonly content: Content }
  | { readonly kind: 'replace'; readonly content: Content; readonly old: CatalogueEntry };

/** Refuses what can be no name of a file in the catalogue. */
export function refuseName({ lfn }: Upload): void {
  const shown = displayName(lfn);
  if (!isUtf8Name(lfn)) {
    throw new StowageError('usage', `'${shown}' is not UTF-8, and the Grid has no such names`, {
      hint: 'name the target yourself, or rename the file',
    });
  }
  if (!lfn.startsWith('/') || lfn.endsWith('/') || normalLfn(lfn) !== lfn || lfn.includes('\0')) {
    throw new StowageError('usage', `'${shown}' is no absolute name of a file`);
  }
}

/** What is to be done, by what the catalogue has under the name. Rejects with `exists` where something else lies there that is to stay. */
export async function planUpload(
  job: Upload,
  file: LocalFile,
  known: CatalogueEntry | undefined,
  contentOf: () => Promise<Content>,
  { existing = 'md5', different = 'refuse' }: CopyOptions,
): Promise<UploadPlan> {
  if (job.inPlaceOf !== undefined) {
    const { old } = job.inPlaceOf;
    if (known === undefined || !isSameContent(known, old)) throw changedMeanwhile(job.lfn);
    return { kind: 'replace', content: await contentOf(), old };
  }
  if (known === undefined) return { kind: 'store', content: await contentOf() };
  if (known.type !== 'file') {
    throw new StowageError('exists', `${displayName(job.lfn)} is there already, and is a ${known.type}`);
  }
  const hasSize = known.bytes === file.bytes;
  // The catalogue has whole seconds.
  const isOlder = file.modifiedNs / 1_000_000_000n <= BigInt(Math.floor(known.changed.getTime() / 1000));
  if (existing === 'size and time' && hasSize && isOlder) return { kind: 'present', by: 'size and time' };
  const mayReplace = different === 'replace';
  if (!hasSize && !mayReplace) throw otherContent(job, known);
  const content = await contentOf();
  if (hasSize && known.md5 === content.md5) return { kind: 'present', by: 'md5' };
  if (!mayReplace) throw otherContent(job, known);
  return { kind: 'replace', content, old: known };
}

/** The error for a content that somebody else changed behind our back. */
export function changedMeanwhile(lfn: string): StowageError {
  const shown = displayName(lfn);
  return new StowageError('changed', `${shown} has got another content meanwhile, or is gone; it stays as it is now`);
}

function otherContent({ lfn }: Upload, { bytes, md5 }: CatalogueEntry): StowageError {
  return new StowageError(
    'exists',
    `${displayName(lfn)} is there already, with other content (${bytes} bytes, md5 ${md5 ?? 'unknown'})`,
    {
      hint: 'choose another name, or ask for it to be replaced',
      facts: { bytes, md5 },
    },
  );
}
