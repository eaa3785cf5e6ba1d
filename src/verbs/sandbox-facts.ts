/** A scratch system to try things on: where it lies, what to export, and how much it was used. */
export interface SandboxFacts {
  readonly system: string;
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** The folder of its programs. */
  readonly programs: string;
  /** The home directory in it. */
  readonly home: string;
  readonly use: { readonly sessions: number; readonly mounts: number; readonly seconds: number };
}

/** A scratch Grid that runs: where it lies, what to export, and what there is in it. */
export interface SandboxGridFacts {
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** The home directory in it. */
  readonly home: string;
  /** The address of the central server. */
  readonly central: string;
  readonly elements: readonly { readonly name: string; readonly url: string; readonly qos: readonly string[] }[];
  /** False where no XRootD is installed: nobody listens at the addresses of the elements. */
  readonly hasStorage: boolean;
  /** A file that a shell reads, with the variables. */
  readonly environment: string;
}
