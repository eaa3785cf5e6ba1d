/** How files are copied. Everything has a default. */
export interface CopyOptions {
  /** Nothing new is begun once it is aborted; what is in flight is settled. */
  readonly signal?: AbortSignal;
  /** Files that are under way at once; 8 if nothing is said. Of small files, four times as many: they cost journeys, not bandwidth. */
  readonly jobs?: number;
  /** How closely a target that is there is looked at: by size and time, or by its md5 too, which is the default. */
  readonly existing?: 'size and time' | 'md5';
  /**
   * What becomes of a target with other content: it stays, and the job is failed (`exists`), which is the default; or it is replaced, after what is to take its place was stored and checked.
   */
  readonly different?: 'refuse' | 'replace';
  /** Requests that are under way for one file; 4 if nothing is said. */
  readonly chunks?: number;
  /** Length of one of these; 4 MiB if nothing is said. */
  readonly chunkBytes?: number;
  /** Connections for the data of one file; 1 if nothing is said. */
  readonly streams?: number;
  /** How often another place is tried for an upload that failed, or all replicas once more for a download; 2 if nothing is said. */
  readonly retries?: number;
  /** Most seconds for one file; without, as long as something moves. */
  readonly timeoutSeconds?: number;
  /** A transfer that is slower, measured over its last minute, is given up for another replica. */
  readonly bytesPerSecondAtLeast?: number;
  /** Only the storage elements that a job names, and no others. */
  readonly strict?: boolean;
  /** Replicas that one file is read from at once; 1 if nothing is said. */
  readonly sources?: number;
  /** Members of archives are taken out here, from the whole archive, and not by reading only them. */
  readonly unpackHere?: boolean;
}
