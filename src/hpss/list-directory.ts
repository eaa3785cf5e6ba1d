import { displayName } from '../model/byte-name.ts';
import type { HpssFile } from './hpss-file.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { listedDirectories } from './listing.ts';
import { patiently } from './patience.ts';
import { runSession } from './session.ts';

/** What is in an HPSS directory. Throws `HpssOSError` if hsi reports an error, and `HpssError` for a line that cannot be read. */
export async function listdir(path: string, options: HpssOptions = {}): Promise<readonly HpssFile[]> {
  return patiently(options, async () => {
    const what = `cannot list '${displayName(path)}'`;
    const session = await runSession([{ text: `ls -Da ${hsiWord(path)}`, isListing: true }], { ...options, what });
    try {
      const found: HpssFile[] = [];
      for await (const one of listedDirectories(answerLines(session.lines()), path, options)) {
        if ('error' in one) throw one.error;
        for (const file of one.files) found.push(file);
      }
      return found;
    } finally {
      await session.close();
    }
  });
}

/** The lines of the only command of a session. */
export async function* answerLines(
  lines: AsyncIterable<{ readonly line: string | undefined }>,
): AsyncGenerator<string> {
  for await (const { line } of lines) if (line !== undefined) yield line;
}
