import type { Project } from '../project.ts';
import type { Landing } from './landing.ts';
import type { PutOptions } from './put-member.ts';

/** What the restoring of one archive needs to know of the whole. */
export interface RestoreWork {
  readonly project: Project;
  readonly section: string;
  /** True for a path that was asked for, or that lies below one. */
  readonly isWanted: (path: string) => boolean;
  readonly lands: (path: string) => Landing;
  readonly put: PutOptions;
  /** The folder for what lies on this machine for a while only. */
  readonly aside: string;
}
