import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { xmlText } from './metalink.ts';
import { localTime } from './prompt.ts';

/** An AliEn collection of files of this machine, as XML. Rejects with the system's error for a file that cannot be read. */
export async function localCollection(
  paths: readonly string[],
  md5Of: (path: string) => Promise<string>,
  now: Date,
): Promise<string> {
  const events: string[] = [];
  const own = ownName();
  for (const [index, path] of paths.entries()) {
    const found = await stat(path);
    if (!found.isFile()) {
      throw new StowageError('usage', `toXml -local: '${displayName(path)}' is no file`, { facts: { errno: 22 } });
    }
    const { size, mode, mtime, uid, gid } = found;
    const url = `file://${path}`;
    // Each of the attributes that collections of the Grid have: who reads these may want any of them to be there.
    const attributes = {
      name: basename(path),
      aclId: '',
      broken: '0',
      ctime: localTime(mtime).replace('T', ' '),
      dir: '',
      entryId: '',
      expiretime: '',
      gowner: String(gid),
      guid: '',
      guidtime: '',
      jobid: '',
      lfn: url,
      md5: await md5Of(path),
      owner: uid === own?.uid ? own.username : String(uid),
      perm: (mode & 0o777).toString(8),
      replicated: '0',
      size: String(size),
      turl: url,
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

/** A user without an entry in the table of users has no name. */
function ownName(): { readonly uid: number; readonly username: string } | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}
