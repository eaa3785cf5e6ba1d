import type { Command } from './command.ts';
import { archiveCommand } from './commands/archive.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { duCommand } from './commands/du.ts';
import { explainCommand } from './commands/explain.ts';
import { findCommand } from './commands/find.ts';
import { gridCommand } from './commands/grid.ts';
import { lsCommand } from './commands/ls.ts';
import { missingCommand } from './commands/missing.ts';
import { poolCommand } from './commands/pool.ts';
import { rebuildCatalogCommand } from './commands/rebuild-catalog.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { restoreCommand } from './commands/restore.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { scanCommand } from './commands/scan.ts';
import { statusCommand } from './commands/status.ts';
import { unlockCommand } from './commands/unlock.ts';
import { verifyCommand } from './commands/verify.ts';

/** Every command, in the order in which a user meets them. */
export const commands: readonly Command[] = [
  checkCommand,
  explainCommand,
  scanCommand,
  missingCommand,
  archiveCommand,
  verifyCommand,
  reconcileCommand,
  findCommand,
  lsCommand,
  duCommand,
  restoreCommand,
  statusCommand,
  unlockCommand,
  rebuildCatalogCommand,
  doctorCommand,
  poolCommand,
  gridCommand,
  completionCommand,
  sandboxCommand,
];
