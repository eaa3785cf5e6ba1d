import type { ServerCommand } from './command.ts';
import { accessCommands } from './commands/access.ts';
import { archiveCommands } from './commands/archives.ts';
import { commitCommands } from './commands/commit.ts';
import { contentCommands } from './commands/content.ts';
import { directoryCommands } from './commands/directories.ts';
import { fileCommands } from './commands/files.ts';
import { findCommands } from './commands/find.ts';
import { identityCommands } from './commands/identity.ts';
import { jobCommands } from './commands/jobs.ts';
import { listingCommands } from './commands/listing.ts';
import { mirroringCommands } from './commands/mirroring.ts';
import { replicaCommands } from './commands/replicas.ts';
import { serviceCommands } from './commands/service.ts';
import { storageCommands } from './commands/storage.ts';

/** All commands by name, also those that are not told. */
export const commands: Readonly<Record<string, ServerCommand>> = {
  ...accessCommands,
  ...archiveCommands,
  ...commitCommands,
  ...contentCommands,
  ...directoryCommands,
  ...fileCommands,
  ...findCommands,
  ...identityCommands,
  ...jobCommands,
  ...listingCommands,
  ...mirroringCommands,
  ...replicaCommands,
  ...serviceCommands,
  ...storageCommands,
};
