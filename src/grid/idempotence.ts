import type { Request } from './request.ts';

/** Commands that only look, or that leave the same behind when they are done twice. Whatever is not here is not sent again. */
const twiceIsOnce = new Set([
  ...[
    'pwd',
    'cd',
    'ls',
    'find',
    'stat',
    'whereis',
    'type',
    'cat',
    'du',
    'df',
    'md5sum',
    'grep',
    'lfn2guid',
    'guid2lfn',
  ],
  ...['toXml', 'listFilesFromCollection', 'showTagValue', 'changeDiff', 'xrdstat', 'uuid', 'packages'],
  ...['listSEs', 'listCEs', 'listSEDistance', 'listTransfer', 'getSE', 'getCE'],
  ...['ps', 'top', 'w', 'uptime', 'jquota', 'fquota', 'whoami', 'roleami', 'whois', 'groups', 'groupmembers'],
  ...['user', 'setSite', 'timing', 'commandlist', 'help', 'motd', 'ping', 'version'],
  // A second token, and a second place that is booked for a file, harm nobody; to make a directory that is there is no error.
  ...['token', 'access', 'mkdir', 'chmod', 'chown'],
]);

/** True if this may be sent again when nobody knows whether it arrived. */
export function isIdempotent({ command, args }: Request): boolean {
  if (args.some((arg) => /^--?h(elp)?$/.test(arg))) return true;
  // With -x these write a collection.
  if (['find', 'toXml'].includes(command) && args.some((arg) => arg.startsWith('-x'))) return false;
  return twiceIsOnce.has(command);
}
