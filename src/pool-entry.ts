/** The public entry `stowage/pool`: Cedar Backup's peers and actions. Names as there in camelCase; whatever waits is asynchronous, and actions yield what they have to say. */
export { openDayArchives } from './days/open-day-archives.ts';
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export type {
  ArchivesPlace,
  ArchivesRun,
  DayArchives,
  DayToKeep,
  OpenDayArchives,
} from './pool/archives/day-archives.ts';
export { executeCollect } from './pool/collect/collect.ts';
export type { PoolConfiguration, RemotePeerSettings } from './pool/configuration/pool-configuration.ts';
export {
  type PoolReading,
  type PoolReadingOptions,
  readPoolConfiguration,
} from './pool/configuration/read-pool-configuration.ts';
export { consistencyCheck } from './pool/discs/consistency-check.ts';
export { executeInitialize } from './pool/discs/execute-initialize.ts';
export { executeRebuild } from './pool/discs/execute-rebuild.ts';
export { executeStore, type StoreOptions } from './pool/discs/execute-store.ts';
export { createWriter } from './pool/discs/pool-disc.ts';
export { type VerifyDiscOptions, verifyDisc } from './pool/discs/verify-disc.ts';
export { buildMediaLabel, writeImage, writeImageBlankSafe } from './pool/discs/write-image.ts';
export { indicators, writeIndicator } from './pool/indicators.ts';
export { inspectPool } from './pool/open-pool.ts';
export { LocalPeer, type LocalPeerOptions } from './pool/peers/local-peer.ts';
export {
  defaultCollectIndicator,
  defaultStageIndicator,
  type IgnoreFailureMode,
  type Peer,
  type Readiness,
  type StagePeerOptions,
} from './pool/peers/peer.ts';
export {
  defaultCbackCommand,
  defaultRcpCommand,
  defaultRshCommand,
  RemotePeer,
  type RemotePeerOptions,
  suCommand,
} from './pool/peers/remote-peer.ts';
export { isFailure, type PoolDeed, type PoolEvent, type PoolLevel } from './pool/pool-event.ts';
export { type PoolRun, poolRun } from './pool/pool-run.ts';
export { executePurge } from './pool/purge/purge.ts';
export { executeStage, type StageOptions } from './pool/staging/execute-stage.ts';
export { getLocalPeers, getLocalUser, getRcpCommand, getRemotePeers, getRemoteUser } from './pool/staging/peers-of.ts';
export { createStagingDirs, getDailyDir } from './pool/staging/staging-dirs.ts';
export { writeStoreIndicator } from './pool/stored/store-indicator.ts';
export { executeValidate } from './pool/validate.ts';
