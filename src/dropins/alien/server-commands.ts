/** The commands that central servers were seen to have, for help and completion where none is asked. What a server says itself counts more. */
export const serverCommands: readonly string[] = [
  ...['cd', 'pwd', 'mkdir', 'rmdir', 'ls', 'find', 'toXml', 'cat', 'whereis', 'cp', 'rm', 'mv', 'touch', 'type'],
  ...['lfn2guid', 'guid2lfn', 'access', 'commit', 'chown', 'chmod', 'deleteMirror', 'md5sum', 'mirror', 'grep'],
  ...['changeDiff', 'listFilesFromCollection', 'packages', 'submit', 'ps', 'masterjob', 'kill', 'w', 'uptime'],
  ...['resubmit', 'top', 'registerOutput', 'df', 'du', 'fquota', 'jquota', 'listSEs', 'listSEDistance', 'setSite'],
  ...['testSE', 'listTransfer', 'uuid', 'stat', 'xrdstat', 'showTagValue', 'time', 'timing', 'commandlist', 'motd'],
  ...['ping', 'version', 'whoami', 'user', 'whois', 'groups', 'token', 'lfnexpiretime', 'listCEs'],
];
