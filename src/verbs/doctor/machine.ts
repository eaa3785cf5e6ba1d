import { availableParallelism, freemem, hostname, release, tmpdir, totalmem, type } from 'node:os';
import { report, versions } from 'node:process';

/** What this machine says of itself; an argument, so that tests can be other machines. */
export interface Machine {
  /** `20.19.0` */
  readonly node: string;
  readonly system: string;
  readonly host: string;
  readonly cores: number;
  readonly temporaryFolder: string;
  /** Bytes; `limit` is that of a container, if one is set. */
  memory(): { readonly total: number; readonly free: number; readonly limit: number | undefined };
  /** By the names of the system's report (`open_files`, `file_size_blocks`); a number or `unlimited`. */
  limits(): Readonly<Record<string, { readonly soft: number | string; readonly hard: number | string }>>;
}

/** The machine that we run on. */
export const thisMachine: Machine = {
  node: versions.node,
  system: `${type()} ${release()}`,
  host: hostname(),
  cores: availableParallelism(),
  temporaryFolder: tmpdir(),
  memory() {
    const limit = process.constrainedMemory();
    const total = totalmem();
    // Without a limit some systems say 0, others a number beyond all memory.
    return { total, free: freemem(), limit: limit > 0 && limit < total ? limit : undefined };
  },
  limits() {
    // The network has no part in this, and asking for its names can take long.
    Object.assign(report, { excludeNetwork: true });
    return (report.getReport() as { userLimits?: ReturnType<Machine['limits']> }).userLimits ?? {};
  },
};
