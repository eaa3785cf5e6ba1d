import { createHash } from 'node:crypto';
import { realFiles } from '../../../durable/real-files.ts';
import { scratchFolder } from '../../../durable/scratch-folder.ts';
import type { Context } from '../client-command.ts';
import { copySession, readingOptions } from './copy-session.ts';
import { lfnCopy } from './lfn-copy.ts';

const longestName = 200;
const folders = 'alien-content-';

/**
 * Brings these LFNs, absolute, to this machine for as long as the step runs, and gives it their paths in this order. They are read anew each time: what lies here from before is never taken. They lie in a
 * folder that nobody else can look into, which is removed in the end; that of a process that was killed is removed by the next one.
 */
export async function withCopies<T>(
  context: Context,
  command: string,
  lfns: readonly string[],
  step: (paths: readonly string[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = await scratchFolder(realFiles, context.places.temporary, folders);
  try {
    const parts = await copySession(context);
    const paths = [...new Set(lfns)].map((lfn) => [lfn, `${folder.path}/${temporaryName(lfn)}`] as const);
    try {
      for (const [lfn, path] of paths) await lfnCopy(parts, lfn, path, readingOptions(context, command));
    } finally {
      parts.close();
    }
    const byLfn = new Map(paths);
    return await step(
      lfns.map((lfn) => byLfn.get(lfn)!),
      folder.path,
    );
  } finally {
    await folder.remove();
  }
}

/** The name that alien.py gives it, where a file can be called so. */
export function temporaryName(lfn: string, uid: number = process.getuid?.() ?? 0): string {
  const plain = lfn.replaceAll('/', '%%');
  const isLong = Buffer.byteLength(plain) > longestName;
  const short = isLong ? `%%${createHash('sha256').update(lfn).digest('hex').slice(0, 32)}` : plain;
  return `${short}_${uid}.alienpy_tmp`;
}
