import type { CollectMode } from './collect-mode.ts';
import { extensionSectionsOf } from './extension-sections-of.ts';
import type {
  CollectSettings,
  DiscSection,
  Extensions,
  PeerSettings,
  PoolConfiguration,
  StoreSettings,
} from './pool-configuration.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolData } from './pool-schema.ts';

type Section<Name extends keyof PoolData> = NonNullable<PoolData[Name]>;

/** The configuration that sound data describe; what is said once for all items of a section is filled in. */
export function configurationOf(data: PoolData, name: string): PoolConfiguration {
  const { author, revision, description, generator } = data.reference ?? {};
  return {
    name,
    reference: data.reference === undefined ? undefined : { author, revision, description, generator },
    extensions: data.extensions === undefined ? undefined : extensionsOf(data.extensions),
    options: optionsOf(data.options),
    peers: data.peers === undefined ? undefined : { peers: (data.peers.peer ?? []).map(peerOf) },
    collect: data.collect === undefined ? undefined : collectOf(data.collect),
    stage:
      data.stage === undefined
        ? undefined
        : { stagingDir: data.stage.staging_dir, peers: (data.stage.peer ?? []).map(peerOf) },
    store: data.store === undefined ? undefined : storeOf(data.store),
    purge:
      data.purge === undefined
        ? undefined
        : { dirs: (data.purge.dir ?? []).map((one) => ({ path: one.abs_path, retainDays: one.retain_days })) },
    sections: extensionSectionsOf(data),
  };
}

function extensionsOf({ order_mode, action }: Section<'extensions'>): Extensions {
  return {
    orderMode: order_mode ?? 'index',
    actions: (action ?? []).map((one) => ({
      name: one.name,
      module: one.module,
      function: one.function,
      index: one.index,
      runBefore: one.depends?.run_before ?? [],
      runAfter: one.depends?.run_after ?? [],
    })),
  };
}

function optionsOf(options: PoolData['options']): PoolOptions {
  const hooks = (list: typeof options.pre_action_hook, when: 'before' | 'after') =>
    (list ?? []).map((one) => ({ when, action: one.action, command: one.command }));
  return {
    startingDay: options.starting_day,
    workingDir: options.working_dir,
    backupUser: options.backup_user,
    backupGroup: options.backup_group,
    rcpCommand: options.rcp_command,
    rshCommand: options.rsh_command,
    cbackCommand: options.cback_command,
    managedActions: options.managed_actions ?? [],
    // Of two for the same program the first counts, as for every other value.
    overrides: new Map((options.override ?? []).map((one) => [one.command, one.abs_path] as const).reverse()),
    hooks: [...hooks(options.pre_action_hook, 'before'), ...hooks(options.post_action_hook, 'after')],
  };
}

function peerOf(peer: NonNullable<Section<'peers'>['peer']>[number]): PeerSettings {
  const both = {
    name: peer.name,
    collectDir: peer.collect_dir,
    ignoreFailures: peer.ignore_failures,
    sendReceipt: peer.send_receipt ?? false,
  };
  if (peer.type === 'local') return { type: 'local', ...both };
  return {
    type: 'remote',
    ...both,
    backupUser: peer.backup_user,
    rcpCommand: peer.rcp_command,
    rshCommand: peer.rsh_command,
    cbackCommand: peer.cback_command,
    managed: peer.managed ?? false,
    managedActions: peer.managed_actions,
  };
}

function collectOf(section: Section<'collect'>): CollectSettings {
  interface Item {
    readonly abs_path: string;
    readonly mode?: CollectMode | undefined;
    readonly collect_mode?: CollectMode | undefined;
    readonly archive_mode?: 'tar' | 'targz' | 'tarbz2' | undefined;
  }
  // The schema has seen to it that each is said somewhere.
  const item = (one: Item) => ({
    path: one.abs_path,
    mode: (one.collect_mode ?? one.mode ?? section.collect_mode)!,
    archiveMode: (one.archive_mode ?? section.archive_mode)!,
  });
  return {
    collectDir: section.collect_dir,
    requireReceipt: section.require_receipt ?? false,
    excludedPaths: section.exclude?.abs_path ?? [],
    excludedPatterns: section.exclude?.pattern ?? [],
    files: (section.file ?? []).map(item),
    dirs: (section.dir ?? []).map((one) => ({
      ...item(one),
      ignoreFile: (one.ignore_file ?? section.ignore_file)!,
      linkDepth: one.link_depth ?? 0,
      dereference: one.dereference ?? false,
      recursionLevel: one.recursion_level ?? 0,
      excludedPaths: one.exclude?.abs_path ?? [],
      excludedRelativePaths: one.exclude?.rel_path ?? [],
      excludedPatterns: one.exclude?.pattern ?? [],
    })),
  };
}

function storeOf(section: Section<'store'>): StoreSettings {
  return {
    sourceDir: section.source_dir,
    target: section.target,
    targetSettings: {
      ...(section.hpss === undefined ? {} : { hpss: section.hpss }),
      ...(section.grid === undefined ? {} : { grid: section.grid }),
      ...(section.disc === undefined ? {} : { disc: section.disc }),
    },
    disc: discOf(section),
    checkData: section.check_data ?? false,
    warnMidnight: section.warn_midnite ?? false,
  };
}

function discOf(section: Section<'store'>): DiscSection | undefined {
  if (section.media_type === undefined || section.target_device === undefined) return undefined;
  return {
    mediaType: section.media_type,
    deviceType: section.device_type ?? 'cdwriter',
    targetDevice: section.target_device,
    targetScsiId: section.target_scsi_id,
    driveSpeed: section.drive_speed,
    checkMedia: section.check_media ?? false,
    noEject: section.no_eject ?? false,
    blankBehavior: section.blank_behavior,
    refreshMediaDelay: section.refresh_media_delay ?? 0,
    ejectDelay: section.eject_delay ?? 0,
  };
}
