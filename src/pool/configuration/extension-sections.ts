import type { CollectMode } from './collect-mode.ts';

/** How an extension compresses what it collects. */
export type CompressMode = 'none' | 'gzip' | 'bzip2';

/** The sections of the extensions that come with Cedar Backup. */
export interface ExtensionSections {
  readonly encrypt: EncryptSettings | undefined;
  readonly split: SplitSettings | undefined;
  readonly capacity: CapacitySettings | undefined;
  readonly mysql: DatabaseSettings | undefined;
  readonly postgresql: DatabaseSettings | undefined;
  readonly subversion: SubversionSettings | undefined;
  readonly mbox: MboxSettings | undefined;
  readonly amazons3: AmazonS3Settings | undefined;
}

/** Staged files are encrypted by gpg for this recipient. */
export interface EncryptSettings {
  readonly encryptMode: 'gpg';
  readonly encryptTarget: string;
}

/** Staged files above a limit are split; both in bytes. */
export interface SplitSettings {
  readonly sizeLimit: number;
  readonly splitSize: number;
}

/** When a disc counts as full: one of the two. */
export interface CapacitySettings {
  readonly maxPercentage: number | undefined;
  readonly minBytes: number | undefined;
}

/** Which databases are dumped. */
export interface DatabaseSettings {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly compressMode: CompressMode;
  /** All in one dump; then there are no names. */
  readonly all: boolean;
  readonly databases: readonly string[];
}

/** Which Subversion repositories are dumped; what the section says for all is filled in. */
export interface SubversionSettings {
  readonly repositories: readonly SubversionRepository[];
  readonly repositoryDirs: readonly (SubversionRepository & Exclusions)[];
}

export interface SubversionRepository {
  readonly path: string;
  readonly collectMode: CollectMode;
  readonly compressMode: CompressMode;
}

/** Which mail folders are collected; what the section says for all is filled in. */
export interface MboxSettings {
  readonly files: readonly MboxFile[];
  readonly dirs: readonly (MboxFile & Exclusions)[];
}

export interface MboxFile {
  readonly path: string;
  readonly collectMode: CollectMode;
  readonly compressMode: CompressMode;
}

/** What is left out of a directory. */
export interface Exclusions {
  readonly excludedRelativePaths: readonly string[];
  readonly excludedPatterns: readonly string[];
}

/** Where staged days are copied to in S3. */
export interface AmazonS3Settings {
  readonly warnMidnight: boolean;
  readonly bucket: string;
  /** A command with `${input}` and `${output}`. */
  readonly encryptCommand: string | undefined;
  /** Bytes. */
  readonly fullSizeLimit: number | undefined;
  /** Bytes. */
  readonly incrementalSizeLimit: number | undefined;
}
