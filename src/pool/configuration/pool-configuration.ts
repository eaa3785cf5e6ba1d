import type { DiscDevice, DiscMedia } from '../../disc/media.ts';
import type { CollectMode } from './collect-mode.ts';
import type { ExtensionSections } from './extension-sections.ts';
import type { PoolOptions } from './pool-options.ts';

/** How an archive is written. */
export type ArchiveMode = 'tar' | 'targz' | 'tarbz2';

/** On which days a peer may fail without anybody being alarmed; `weekly` is the first day of the week and a full backup, `daily` all others. */
export type FailureMode = 'none' | 'all' | 'daily' | 'weekly';

/** A configuration of a pool without errors. What is absent in the file is undefined; paths are absolute and as they were written, without blanks around them. */
export interface PoolConfiguration {
  /** The name of the file, as it was given. */
  readonly name: string;
  readonly reference: Reference | undefined;
  readonly extensions: Extensions | undefined;
  readonly options: PoolOptions;
  readonly peers: PeersSettings | undefined;
  readonly collect: CollectSettings | undefined;
  readonly stage: StageSettings | undefined;
  readonly store: StoreSettings | undefined;
  readonly purge: PurgeSettings | undefined;
  /** The sections of the extensions that come with Cedar Backup, each undefined if it is not there. */
  readonly sections: ExtensionSections;
}

/** Free text about the file. */
export interface Reference {
  readonly author: string | undefined;
  readonly revision: string | undefined;
  readonly description: string | undefined;
  readonly generator: string | undefined;
}

/** Further actions, and how they are put among the others. */
export interface Extensions {
  /** By number, or by what must run before what. */
  readonly orderMode: 'index' | 'dependency';
  readonly actions: readonly ExtendedAction[];
}

/** An action by the name of the module that does it. */
export interface ExtendedAction {
  readonly name: string;
  readonly module: string;
  readonly function: string;
  /** Collect is 100, stage 200, store 300, purge 400. Undefined only where the order is by dependency. */
  readonly index: number | undefined;
  readonly runBefore: readonly string[];
  readonly runAfter: readonly string[];
}

/** The peers of the pool, in the order of the file. */
export interface PeersSettings {
  readonly peers: readonly PeerSettings[];
}

/** A peer as the file describes it. */
export type PeerSettings = LocalPeerSettings | RemotePeerSettings;

/** A peer whose files lie on this machine. */
export interface LocalPeerSettings {
  readonly type: 'local';
  /** One plain name: it becomes a directory under the day. */
  readonly name: string;
  readonly collectDir: string;
  readonly ignoreFailures: FailureMode | undefined;
  /** True: it is told when what it gave is stored. */
  readonly sendReceipt: boolean;
}

/** A peer that is reached by ssh. What is undefined here is taken from the options: `getRemoteUser` and its like do that. */
export interface RemotePeerSettings {
  readonly type: 'remote';
  /** One plain name, which is the name of the host too. */
  readonly name: string;
  readonly collectDir: string;
  readonly ignoreFailures: FailureMode | undefined;
  /** True: it is told when what it gave is stored. */
  readonly sendReceipt: boolean;
  /** The user there. */
  readonly backupUser: string | undefined;
  readonly rcpCommand: string | undefined;
  readonly rshCommand: string | undefined;
  readonly cbackCommand: string | undefined;
  /** True: the master runs actions there. */
  readonly managed: boolean;
  /** Undefined: those of the options. */
  readonly managedActions: readonly string[] | undefined;
}

/** What is collected, and into which directory. */
export interface CollectSettings {
  /** Where the archives go. */
  readonly collectDir: string;
  /** True: what was collected counts as safe only when a receipt of the master says that it is stored, not when it is staged. */
  readonly requireReceipt: boolean;
  readonly excludedPaths: readonly string[];
  readonly excludedPatterns: readonly string[];
  readonly files: readonly CollectFile[];
  readonly dirs: readonly CollectDir[];
}

/** A file to collect; what the section says for all is filled in. */
export interface CollectFile {
  readonly path: string;
  readonly mode: CollectMode;
  readonly archiveMode: ArchiveMode;
}

/** A directory to collect; what the section says for all is filled in. */
export interface CollectDir {
  readonly path: string;
  readonly mode: CollectMode;
  readonly archiveMode: ArchiveMode;
  /** A directory that holds a file of this name is left out, with all below it. */
  readonly ignoreFile: string;
  /** How many levels of links to directories are followed. */
  readonly linkDepth: number;
  /** What a followed link leads to is archived under its own path. */
  readonly dereference: boolean;
  /** How many levels of subdirectories get archives of their own. */
  readonly recursionLevel: number;
  readonly excludedPaths: readonly string[];
  readonly excludedRelativePaths: readonly string[];
  /** Python's regular expressions, for whole absolute paths. */
  readonly excludedPatterns: readonly string[];
}

/** Where the peers' files are staged. */
export interface StageSettings {
  readonly stagingDir: string;
  /** The peers that are staged instead of those of the section peers; empty: those are. */
  readonly peers: readonly PeerSettings[];
}

/** Where days are stored: on a disc, in a store, or both; at least one is there. */
export interface StoreSettings {
  readonly sourceDir: string;
  /** The URL of a store that each day goes to as archives. */
  readonly target: string | undefined;
  /** How that store is reached, as the configuration of a project says it: `hpss`, `grid`. */
  readonly targetSettings: Readonly<Record<string, unknown>>;
  readonly disc: DiscSection | undefined;
  /** What of a day was stored before is looked at again too. */
  readonly checkData: boolean;
  readonly warnMidnight: boolean;
}

/** How days are written to discs. */
export interface DiscSection {
  readonly mediaType: DiscMedia;
  readonly deviceType: DiscDevice;
  readonly targetDevice: string;
  readonly targetScsiId: string | undefined;
  readonly driveSpeed: number | undefined;
  readonly checkMedia: boolean;
  readonly noEject: boolean;
  readonly blankBehavior: { readonly mode: 'daily' | 'weekly'; readonly factor: number } | undefined;
  /** Seconds. */
  readonly refreshMediaDelay: number;
  /** Seconds. */
  readonly ejectDelay: number;
}

/** What is removed when it is old. */
export interface PurgeSettings {
  readonly dirs: readonly PurgeDir[];
}

/** A directory, what is in which is removed when it was not touched for so many whole days. */
export interface PurgeDir {
  readonly path: string;
  readonly retainDays: number;
}
