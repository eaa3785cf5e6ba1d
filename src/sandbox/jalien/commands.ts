import type { ServerCommand } from './command.ts';
import { directoryCommands } from './commands/directories.ts';
import { listingCommands } from './commands/listing.ts';
import { serviceCommands } from './commands/service.ts';

/** All commands by name, also those that are not told. */
export const commands: Readonly<Record<string, ServerCommand>> = {
  ...directoryCommands,
  ...listingCommands,
  ...serviceCommands,
};

/** As `commandlist` tells them, in its order; `cp` is told and refused. */
export const commandNames: readonly string[] =
  'cd pwd mkdir rmdir ls find toXml cat whereis cp rm mv touch type lfn2guid guid2lfn access commit chown chmod deleteMirror md5sum mirror grep changeDiff listFilesFromCollection packages submit ps masterjob kill w uptime resubmit top registerOutput df du fquota jquota listSEs listSEDistance setSite testSE listTransfer uuid stat xrdstat showTagValue time timing commandlist motd ping version whoami user whois groups token lfnexpiretime'.split(
    ' ',
  );
