import type { CollectMode } from './collect-mode.ts';
import type { CompressMode, DatabaseSettings, Exclusions, ExtensionSections } from './extension-sections.ts';
import type { PoolData } from './pool-schema.ts';

interface Modes {
  readonly collect_mode?: CollectMode | undefined;
  readonly compress_mode?: CompressMode | undefined;
}

interface Excluding {
  readonly exclude?: { readonly rel_path?: string[] | undefined; readonly pattern?: string[] | undefined } | undefined;
}

/** The sections of the extensions, from sound data. */
export function extensionSectionsOf(data: PoolData): ExtensionSections {
  const { encrypt, split, capacity, amazons3, subversion, mbox } = data;
  return {
    encrypt: encrypt && { encryptMode: encrypt.encrypt_mode, encryptTarget: encrypt.encrypt_target },
    split: split && { sizeLimit: split.size_limit, splitSize: split.split_size },
    capacity: capacity && { maxPercentage: capacity.max_percentage, minBytes: capacity.min_bytes },
    mysql: databaseOf(data.mysql),
    postgresql: databaseOf(data.postgresql),
    subversion: subversion && {
      repositories: (subversion.repository ?? []).map(itemOf(subversion)),
      repositoryDirs: (subversion.repository_dir ?? []).map(dirOf(subversion)),
    },
    mbox: mbox && { files: (mbox.file ?? []).map(itemOf(mbox)), dirs: (mbox.dir ?? []).map(dirOf(mbox)) },
    amazons3: amazons3 && {
      warnMidnight: amazons3.warn_midnite ?? false,
      bucket: amazons3.s3_bucket,
      encryptCommand: amazons3.encrypt,
      fullSizeLimit: amazons3.full_size_limit,
      incrementalSizeLimit: amazons3.incr_size_limit,
    },
  };
}

function databaseOf(section: PoolData['mysql']): DatabaseSettings | undefined {
  return (
    section && {
      user: section.user,
      password: section.password,
      compressMode: section.compress_mode,
      all: section.all ?? false,
      databases: section.database ?? [],
    }
  );
}

// The schema has seen to it that each mode is said somewhere.
function itemOf(section: Modes) {
  return (one: Modes & { readonly abs_path: string }) => ({
    path: one.abs_path,
    collectMode: (one.collect_mode ?? section.collect_mode)!,
    compressMode: (one.compress_mode ?? section.compress_mode)!,
  });
}

function dirOf(section: Modes) {
  return (one: Modes & Excluding & { readonly abs_path: string }) => ({
    ...itemOf(section)(one),
    ...exclusionsOf(one),
  });
}

function exclusionsOf({ exclude }: Excluding): Exclusions {
  return { excludedRelativePaths: exclude?.rel_path ?? [], excludedPatterns: exclude?.pattern ?? [] };
}
