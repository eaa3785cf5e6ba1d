/** The days of the week, as `starting_day` has them and as `Date.getDay` counts them. */
export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

export type Weekday = (typeof weekdays)[number];

/** The section options: what all actions need. */
export interface PoolOptions {
  /** The first day of the week: then weekly backups are made, and incremental ones begin anew. */
  readonly startingDay: Weekday;
  readonly workingDir: string;
  readonly backupUser: string;
  readonly backupGroup: string;
  readonly rcpCommand: string;
  readonly rshCommand: string | undefined;
  readonly cbackCommand: string | undefined;
  /** What the master runs on managed peers that say nothing of it. */
  readonly managedActions: readonly string[];
  /** From the name of a program to the path of the one to run. */
  readonly overrides: ReadonlyMap<string, string>;
  /** In the order of the file, all that run before before all that run after. */
  readonly hooks: readonly ActionHook[];
}

/** A command that is run before or after an action on this machine. */
export interface ActionHook {
  readonly when: 'before' | 'after';
  readonly action: string;
  /** Words, with double quotes alone; no shell reads it. */
  readonly command: string;
}
