import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { xmlText } from './metalink.ts';
import { localTime } from './prompt.ts';

/** An AliEn collection of files of this machine, as XML. Rejects with the system's error for a file that cannot be read. */
export async function localCollection(
  paths: readonly string[],
  md5Of: (path: string) => Promise<string>,
  now: Date,
): Promise<string> {
  const events: string[] = [];
  for (const [index, path] of paths.entries()) {
    const { size, mode, mtime } = await stat(path);
    const attributes = {
      name: basename(path),
      ctime: localTime(mtime).replace('T', ' '),
      lfn: path,
      md5: await md5Of(path),
      perm: (mode & 0o777).toString(8),
      size: String(size),
      turl: `file://${path}`,
      type: 'f',
    };
    const written = Object.entries(attributes).map(([key, value]) => `${key}="${xmlText(value)}"`);
    events.push(`    <event name="${index + 1}">\n      <file ${written.join(' ')} />\n    </event>`);
  }
  return `${[
    '<?xml version="1.0"?>',
    '<alien>',
    '  <collection name="tempCollection">',
    ...events,
    `    <info command="toXml -local" creator="" date="${now.toUTCString()}" timestamp="${now.getTime()}" />`,
    '  </collection>',
    '</alien>',
  ].join('\n')}\n`;
}
