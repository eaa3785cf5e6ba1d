/** The public entry `stowage`: the verbs and the words they use, without the command line. */

export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export {
  displayName,
  type NameInJson,
  nameFromBytes,
  nameFromJson,
  nameToBytes,
  nameToJson,
} from './model/byte-name.ts';
export type { Clock } from './model/clock.ts';
export type { DigestKind, Digests } from './model/digest.ts';
export type { Entry, EntryType, Unseen } from './model/entry.ts';
export { type Evidence, type EvidenceLevel, evidenceLevels } from './model/evidence.ts';
export type { DigestSource, Manifest, Member, MemberType } from './model/manifest.ts';
export { type StoreKey, storeKey } from './model/store-key.ts';
export type { Finding, Severity } from './plan/finding.ts';
export type { ArchivePlan, Policy } from './plan/plan-archive.ts';
export type { Configuration } from './rules/configuration.ts';
export { type ArchiveOptions, archive } from './verbs/archive/archive.ts';
export type * from './verbs/events.ts';
export { missing } from './verbs/missing.ts';
export type { Progress, Project, VerbOptions } from './verbs/project.ts';
export { version } from './version.ts';
